import { after, before, test } from 'node:test';
import type { Attack } from './attack.ts';
import { framing } from './scenes/framing.ts';
import { identityHeaders } from './scenes/identity-headers.ts';
import { paths } from './scenes/paths.ts';
import { tokens } from './scenes/tokens.ts';
import { websocket } from './scenes/websocket.ts';
import { ambassador, type Stage, setStage } from './stage.ts';

const attacks: readonly Attack[] = [
  ...identityHeaders,
  ...paths,
  ...framing,
  ...tokens,
  ...websocket,
].toSorted((a, b) => a.number - b.number);

let stage: Stage;
before(async () => {
  stage = await setStage(ambassador);
});
after(() => stage?.close());

for (const attack of attacks) {
  test(`attack ${attack.number} fails: ${attack.title}`, () => {
    stage.app.forget();
    return attack.run(stage);
  });
}
