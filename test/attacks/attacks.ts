import type { Attack } from './attack.ts';
import { deciders } from './scenes/deciders.ts';
import { framing } from './scenes/framing.ts';
import { http2 } from './scenes/http2.ts';
import { identityHeaders } from './scenes/identity-headers.ts';
import { passwords } from './scenes/passwords.ts';
import { paths } from './scenes/paths.ts';
import { tokens } from './scenes/tokens.ts';
import { websocket } from './scenes/websocket.ts';

/** Every attack of README.md that one running ambassador can be put to. */
export const attacks: readonly Attack[] = [
  ...identityHeaders,
  ...paths,
  ...framing,
  ...tokens,
  ...deciders,
  ...passwords,
  ...websocket,
].toSorted((a, b) => a.number - b.number);

/** Those that only HTTP/2 can play. */
export const attacksByHttp2: readonly Attack[] = http2;
