import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { logTailSchema } from '../../sidecars/log-tail/config.ts';
import { createDirectOutput } from '../../sidecars/log-tail/ship/local/direct.ts';
import { createShipMetrics } from '../../sidecars/log-tail/ship/metrics.ts';
import { awaitUntil } from '../await-until.ts';
import { countCalls, countSleeps, startContainer } from '../container-process.ts';

const megabytes = 32;

/** log-tail that copies what is appended to a file to another one. */
async function startCopying(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-cost-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const log = join(logs, 'app.log');
  writeFileSync(log, '');
  const out = join(folder, 'out');
  const stdout = openSync(out, 'w');
  const { pid, stop } = await startContainer(
    'log-tail',
    `logTail:
  admin: false
  shutdown: { quiet: 0ms }
  inputs: { app: { paths: ["${log}"] } }
`,
    { stdout },
  );
  closeSync(stdout);
  context.after(() => stop('SIGKILL'));
  return {
    pid,
    append: (text: string) => appendFileSync(log, text),
    until: (bytes: number) =>
      awaitUntil(() => statSync(out).size === bytes, { what: 'every line came out' }),
  };
}

test('passing lines on costs log-tail one read and one write for many lines', async (context) => {
  const { pid, append, until } = await startCopying(context);
  const before = countCalls(pid);
  append(`${'x'.repeat(99)}\n`.repeat(megabytes * 10_000));
  await until(megabytes * 1e6);
  const after = countCalls(pid);
  const writes = (after.writes - before.writes) / megabytes;
  const reads = (after.reads - before.reads) / megabytes;
  assert.ok(writes < 24, `${writes} writes a megabyte`);
  assert.ok(reads < 60, `${reads} reads a megabyte`);
});

test('an app that writes a line now and then wakes log-tail a few times for each', async (context) => {
  const { pid, append, until } = await startCopying(context);
  const lines = 20;
  append('first\n');
  await until(6);
  const before = countSleeps(pid);
  for (let line = 1; line <= lines; line++) {
    append('x'.repeat(99).concat('\n'));
    await setTimeout(100); // what now and then is
  }
  await until(6 + lines * 100);
  const sleeps = (countSleeps(pid) - before) / lines;
  assert.ok(sleeps < 6, `${sleeps} wakes a line`);
});

test('what standard output cannot take at once waits in memory that is used again', async () => {
  const config = logTailSchema.parse({ inputs: { app: { stdin: true } } }).outputs['stdout'];
  assert.ok(config?.type === 'stdout');
  const waited = new Set<ArrayBufferLike>();
  let room = Promise.withResolvers<void>();
  const output = createDirectOutput({
    ...{ name: 'stdout', config, labels: {} },
    metrics: createShipMetrics(createMetrics('log-tail')).introduce('stdout'),
    target: {
      write: (bytes) => Math.min(bytes.length, 65_536),
      async writeLater(rest) {
        waited.add(rest.buffer);
      },
      close() {},
    },
    reached() {},
    failed() {},
    room: () => room.resolve(),
  });
  for (let turn = 0; turn < 100; turn++) {
    room = Promise.withResolvers();
    output.addLines(Buffer.alloc(200_000 + turn, '\n'), 1);
    await room.promise;
  }
  assert.equal(waited.size, 1);
});
