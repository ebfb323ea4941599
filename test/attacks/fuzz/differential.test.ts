import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './differential.ts';

const cases = Number(process.env['PODMATES_FUZZ_CASES'] ?? 3000);
const seed = Number(process.env['PODMATES_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

for (const h2c of [false, true]) {
  const front = h2c ? 'where h2c is heard too' : 'where HTTP/1.1 is heard';
  const share = cases / 2;
  test(`${share} odd connections ${front} bring the app only what was let in (seed ${seed})`, async (context) => {
    const report = await fuzz(share, seed, { h2c });
    context.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
    assert.ok(report.letIn > share / 10, 'enough were let in');
    assert.ok(report.refused > share / 40, 'enough were refused');
  });
}
