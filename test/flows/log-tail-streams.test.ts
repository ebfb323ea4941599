import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';

const entry = join(import.meta.dirname, '../../sidecars/cli/podmates.ts');

function run(t: TestContext, inputs: Readonly<Record<string, unknown>>) {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-streams-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'podmates.yaml');
  const logTail = { inputs, admin: false, shutdown: { quiet: '50ms' } };
  writeFileSync(file, JSON.stringify({ logTail }));
  const child = spawn(process.execPath, [entry, 'log-tail', '-c', file]);
  t.after(() => child.kill('SIGKILL'));
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  return {
    child,
    out: () => Buffer.concat(chunks).toString('utf8'),
    said: () => Buffer.concat(said).toString('utf8'),
    started: () =>
      awaitUntil(() => Buffer.concat(said).includes('log-tail started'), {
        timeoutMs: 30_000,
        what: 'the start',
      }),
  };
}

test('standard input: every line, and the end of it is the end', async (t) => {
  const { child, out, said } = run(t, { app: { stdin: true, maxLine: '64KiB' } });
  const exited = once(child, 'exit');
  const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at} é\n`).join('');
  child.stdin.write(lines);
  child.stdin.write(`${'x'.repeat(200_000)}\n`);
  child.stdin.end('unfinished');
  const [code] = await exited;
  assert.equal(code, 0);
  assert.equal(out(), `${lines}${'x'.repeat(65_536)}\nunfinished\n`);
  assert.ok(!said().includes('no state:'), 'a stream needs no checkpoint');
});

test('files without a state directory: it says what that means', async (t) => {
  const { child, said, started } = run(t, { app: { paths: ['/nowhere/*.log'] } });
  await started();
  assert.match(
    said(),
    /"msg":"no state: directory for a checkpoint, so that each start begins anew"/,
  );
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  assert.equal((await exited)[0], 0);
});

test('a named pipe: one writer after the other', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-pipe-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { child, out, started } = run(t, { app: { pipe } });
  await started();
  appendFileSync(pipe, 'first\nhalf');
  await awaitUntil(() => out() === 'first\n', { what: 'the first line' });
  appendFileSync(pipe, ' and half\n');
  await awaitUntil(() => out() === 'first\nhalf and half\n', { what: 'the second line' });
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  assert.equal((await exited)[0], 0);
});
