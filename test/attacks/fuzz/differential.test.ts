import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './differential.ts';

const cases = Number(process.env['PODMATES_FUZZ_CASES'] ?? 3000);
const seed = Number(process.env['PODMATES_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

test(`${cases} odd connections bring the app only what was let in (seed ${seed})`, async (context) => {
  const report = await fuzz(cases, seed);
  context.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
  assert.ok(report.letIn > cases / 10, 'enough were let in');
  assert.ok(report.refused > cases / 40, 'enough were refused');
});
