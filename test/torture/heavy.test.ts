import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../await-until.ts';
import { type ReaderProcess, startReader } from './reader-process.ts';

const minutes = 60_000;

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-heavy-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function runToFile(
  t: TestContext,
  directory: string,
  input: Readonly<Record<string, unknown>> = {},
): Promise<ReaderProcess> {
  const fd = openSync(join(directory, 'output'), 'a');
  const inputs = { app: { paths: [join(directory, 'logs/*.log')], ...input } };
  const config = {
    inputs,
    state: join(directory, 'state'),
    shutdown: { quiet: '200ms' },
    admin: false,
  };
  const reader = await startReader(config, fd);
  closeSync(fd);
  t.after(() => reader.stop('SIGKILL'));
  return reader;
}

/** Runs an app of its own process that writes numbered lines and rotates by itself. */
async function runApp(
  directory: string,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const app = spawn(process.execPath, [
    join(import.meta.dirname, 'busy-app.ts'),
    JSON.stringify({ path: join(directory, 'logs/app.log'), ...options }),
  ]);
  const [code] = await once(app, 'exit');
  assert.equal(code, 0);
}

const sizeOf = (directory: string) => statSync(join(directory, 'output')).size;

/** Whether the numbers 1 to `count` came, each once, in order. */
function assertExact(directory: string, count: number): void {
  const lines = readFileSync(join(directory, 'output'), 'latin1').split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, count);
  const wrong = lines.findIndex((line, at) => Number.parseInt(line, 10) !== at + 1);
  assert.equal(wrong, -1, `line ${wrong + 1} is ${lines[wrong]}`);
}

test('100,000 lines a second, renamed each 100 ms (1): exact', {
  timeout: 2 * minutes,
}, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const reader = await runToFile(t, directory);
  const count = 400_000;
  await runApp(directory, { count, perSecond: 100_000, rotateMs: 100, how: 'rename' });
  await pause(500);
  assert.equal(await reader.stop('SIGTERM'), 0);
  assertExact(directory, count);
});

test('200,000 lines a second, renamed each 2 s: exact', { timeout: 2 * minutes }, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const reader = await runToFile(t, directory);
  const count = 1_000_000;
  await runApp(directory, { count, perSecond: 200_000, rotateMs: 2000, how: 'rename' });
  await pause(500);
  assert.equal(await reader.stop('SIGTERM'), 0);
  assertExact(directory, count);
});

test('20,000 lines a second, copied and truncated each 500 ms with the writer waiting (5): exact', {
  timeout: 2 * minutes,
}, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const reader = await runToFile(t, directory);
  const count = 100_000;
  await runApp(directory, { count, perSecond: 20_000, rotateMs: 500, how: 'copytruncate' });
  await pause(500);
  assert.equal(await reader.stop('SIGTERM'), 0);
  assertExact(directory, count);
});

test('stopped over five renames (2): exact', { timeout: 2 * minutes }, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const reader = await runToFile(t, directory);
  const count = 100_000;
  const app = runApp(directory, { count, perSecond: 50_000, rotateMs: 200, how: 'rename' });
  const rotated = () => readdirSync(join(directory, 'logs')).length - 1;
  await pause(300);
  reader.child.kill('SIGSTOP');
  const before = rotated();
  await awaitUntil(() => rotated() >= before + 5, { what: 'five renames' });
  reader.child.kill('SIGCONT');
  await app;
  assert.equal(await reader.stop('SIGTERM'), 0);
  assertExact(directory, count);
});

test('a line of 600 MB (19): cut, the next one exact, memory bounded', {
  timeout: 3 * minutes,
}, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const reader = await runToFile(t, directory);
  const resident = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${reader.child.pid}/status`, 'latin1'))?.[1]) /
    1024;
  const before = resident();
  const fd = openSync(join(directory, 'logs/app.log'), 'a');
  const piece = Buffer.alloc(10_000_000, 'x');
  for (let written = 0; written < 60; written++) writeSync(fd, piece);
  writeSync(fd, '\nnext\n');
  closeSync(fd);
  const expected = 1024 * 1024 + 1 + 5;
  await awaitUntil(() => sizeOf(directory) === expected, {
    timeoutMs: minutes,
    what: 'both lines',
  });
  assert.ok(readFileSync(join(directory, 'output'), 'latin1').endsWith('xx\nnext\n'));
  t.diagnostic(`peak memory ${before.toFixed(0)} MB before, ${resident().toFixed(0)} MB after`);
  assert.ok(resident() < before + 40, 'memory grew with the line');
});

/** What looking at 100,000 files now and then may cost; measured, and a margin for slow machines. */
const maxIdle = 0.25;

/** User and system time of a process so far (proc(5), fields 14 and 15). */
function cpuSeconds({ child }: ReaderProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

test('100,000 files, 10 of them active (18): few are open, and nothing is lost', {
  timeout: 8 * minutes,
}, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  for (let at = 0; at < 100_000; at++) writeFileSync(join(directory, `logs/${at}.log`), 'old\n');
  const reader = await runToFile(t, directory, { start: 'end' });
  for (let round = 0; round < 20; round++) {
    for (let at = 0; at < 10; at++) {
      writeFileSync(join(directory, `logs/${at * 9999}.log`), `${at} ${round}\n`, { flag: 'a' });
    }
    await pause(100);
  }
  const lines = () => readFileSync(join(directory, 'output'), 'latin1').split('\n').slice(0, -1);
  await awaitUntil(() => lines().length >= 200, { timeoutMs: minutes, what: '200 lines' });
  const fds = readdirSync(`/proc/${reader.child.pid}/fd`).length;
  assert.ok(fds <= 256 + 44, `${fds} descriptors`); // those of logs, and what any process of Node has
  await pause(5000); // the looks behind the last lines are over
  const cpu = cpuSeconds(reader);
  await pause(15_000);
  const idle = (cpuSeconds(reader) - cpu) / 15;
  t.diagnostic(`idle, ${(idle * 100).toFixed(1)} % of a core`);
  assert.ok(idle < maxIdle, `${(idle * 100).toFixed(1)} % of a core with nothing to do`);
  assert.equal(await reader.stop('SIGTERM'), 0);
  for (let at = 0; at < 10; at++) {
    const expected = Array.from({ length: 20 }, (_, round) => `${at} ${round}`);
    const ofFile = lines().filter((line) => line.startsWith(`${at} `));
    assert.deepEqual(ofFile, expected);
  }
  assert.equal(lines().length, 200);
});

test('a big file passes byte for byte', { timeout: 2 * minutes }, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'logs'));
  const lines = Array.from({ length: 500_000 }, (_, at) => `${at} ${'é😀'.repeat(at % 50)}\n`).join(
    '',
  );
  writeFileSync(join(directory, 'logs/app.log'), lines);
  const reader = await runToFile(t, directory);
  await awaitUntil(() => sizeOf(directory) === Buffer.byteLength(lines), {
    timeoutMs: minutes,
    what: 'it all',
  });
  assert.equal(await reader.stop('SIGTERM'), 0);
  const hash = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
  assert.equal(hash(readFileSync(join(directory, 'output'))), hash(lines));
});
