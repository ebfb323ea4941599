import type { Attack } from './attack.ts';
import { framing } from './scenes/framing.ts';
import { identityHeaders } from './scenes/identity-headers.ts';
import { paths } from './scenes/paths.ts';
import { tokens } from './scenes/tokens.ts';
import { websocket } from './scenes/websocket.ts';

/** Every attack of README.md that one running ambassador can be put to. */
export const attacks: readonly Attack[] = [
  ...identityHeaders,
  ...paths,
  ...framing,
  ...tokens,
  ...websocket,
].toSorted((a, b) => a.number - b.number);
