import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';
import { createReceiver } from '../log-tail/ship/doubles/receiver.ts';

/** Five minutes is what was measured; the suite has a quarter of an hour for everything. */
const seconds = Number(process.env['PODMATES_DOWN_SECONDS'] ?? 45);
const perSecond = 5000;
const maxResident = 320 * 1024 * 1024;

const lineOf = (number: number) => `L${String(number).padStart(9, '0')} ${'x'.repeat(100)}`;

test(`every output is down for ${seconds} s at ${perSecond} lines/s (15): bounded, then exact`, {
  timeout: (seconds + 240) * 1000,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-down-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  let next = 1;
  const receiver = await createReceiver(t, ({ body }) => {
    for (const line of body.split('\n').slice(0, -1)) {
      const number = Number(line.slice(1, 10));
      // Sent again from the first on that was not acknowledged, never from behind one that is missing.
      assert.ok(number <= next, `${number} came before ${next}`);
      if (number === next) next += 1;
    }
    return { status: 204 };
  });
  receiver.fail(() => ({ status: 503 }));
  const log = join(directory, 'app.log');
  const running = await startContainer(
    'log-tail',
    `logTail:
  admin: false
  state: ${join(directory, 'state')}
  inputs: {app: {paths: [${log}], format: raw}}
  outputs:
    required: {type: http, url: "${receiver.url}", retry: {max: 1s}}
    optional: {type: loki, url: "http://127.0.0.1:1/", required: false, spool: {path: ${join(directory, 'spool')}, bytes: 8MiB}}
`,
  );
  t.after(() => running.child.kill('SIGKILL'));
  let highest = 0;
  const measure = () => {
    const status = readFileSync(`/proc/${running.pid}/status`, 'utf8');
    highest = Math.max(highest, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
  };
  let written = 0;
  const start = performance.now();
  await awaitUntil(
    () => {
      const elapsed = (performance.now() - start) / 1000;
      const due = Math.floor(Math.min(elapsed, seconds) * perSecond) - written;
      const lines = Array.from({ length: due }, (_, at) => `${lineOf(written + at + 1)}\n`);
      appendFileSync(log, lines.join(''));
      written += due;
      measure();
      return elapsed > seconds;
    },
    { timeoutMs: (seconds + 30) * 1000, what: 'the writer' },
  );
  assert.equal(next, 1);
  receiver.fail(() => undefined);
  await awaitUntil(
    () => {
      measure();
      return next === written + 1;
    },
    { timeoutMs: 120_000, what: `all ${written} lines` },
  );
  t.diagnostic(`${written} lines, at most ${Math.round(highest / 2 ** 20)} MiB resident`);
  assert.ok(highest < maxResident, `${highest} bytes resident`);
  assert.equal(await running.stop('SIGTERM'), 0);
});
