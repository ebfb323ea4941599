import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { countCalls, startContainer } from '../container-process.ts';

const megabytes = 32;

test('passing lines on costs log-tail one read and one write for many lines', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-cost-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'app.log');
  writeFileSync(log, '');
  const out = join(folder, 'out');
  const stdout = openSync(out, 'w');
  const logTail = await startContainer(
    'log-tail',
    `logTail:
  admin: false
  shutdown: { quiet: 0ms }
  inputs: { app: { paths: ["${log}"] } }
`,
    { stdout },
  );
  context.after(() => logTail.stop('SIGKILL'));
  const before = countCalls(logTail.pid);
  writeFileSync(log, `${'x'.repeat(99)}\n`.repeat(megabytes * 10_000), { flag: 'a' });
  await awaitUntil(() => statSync(out).size === megabytes * 1e6, { what: 'every line came out' });
  const after = countCalls(logTail.pid);
  closeSync(stdout);
  const writes = (after.writes - before.writes) / megabytes;
  const reads = (after.reads - before.reads) / megabytes;
  assert.ok(writes < 12, `${writes} writes a megabyte`);
  assert.ok(reads < 40, `${reads} reads a megabyte`);
});
