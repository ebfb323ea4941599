import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attacks } from './attacks.ts';
import { httpProxyWithGate } from './baseline.ts';
import { type Stage, setStage } from './stage.ts';

/** The attacks that http-proxy 1.18.1 falls for; one that is missing here would be good news. */
const succeeding: readonly number[] = [1, 2, 4, 7, 10, 11, 13, 14, 22, 28, 36, 37, 41, 43, 48];

let stage: Stage;
before(async () => {
  stage = await setStage((options) => httpProxyWithGate(options.keys.corp)(options));
});
after(() => stage.close());

for (const attack of attacks.filter(({ baseline }) => baseline)) {
  const falls = succeeding.includes(attack.number);
  test(`attack ${attack.number} ${falls ? 'succeeds' : 'fails'} on http-proxy: ${attack.title}`, async (context) => {
    stage.app.forget();
    const failure = await attack.run(stage).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    context.diagnostic(failure?.split('\n', 1)[0] ?? 'holds');
    assert.equal(failure !== undefined, falls, failure ?? 'it holds');
  });
}
