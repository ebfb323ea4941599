import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../attacks/fuzz/differential.ts';

// The suite of attacks sends 100,000; this many are enough to notice a slip while working.
const cases = 1500;

test('odd requests bring the app only what was let in', async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = await fuzz(cases, seed, { h2c: true });
  context.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
  assert.ok(report.letIn > cases / 20 && report.refused > cases / 100, JSON.stringify(report));
});
