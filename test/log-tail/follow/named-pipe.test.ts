import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { follow, makeDirectory } from './harness.ts';

/** Writes as an app does: in another process, blocked until the pipe is read. */
function write(pipe: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', 'printf %s "$1" > "$0"', pipe, text], (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

test('a pipe that is not there yet is waited for', async (t) => {
  const directory = makeDirectory(t);
  const pipe = join(directory, 'pipe');
  const followed = await follow(t, directory, { input: { pipe } });
  execFileSync('mkfifo', [pipe]);
  await write(pipe, 'L1\nL2\n');
  await followed.until(2);
  assert.deepEqual(followed.lines(), ['L1', 'L2']);
});

test('a pipe that is made anew is read in place of the one before, of which nothing is lost', async (t) => {
  const directory = makeDirectory(t);
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  let open = true;
  const followed = await follow(t, directory, { input: { pipe }, take: () => open });
  open = false; // what is written now waits in the pipe
  await write(pipe, 'L1\n');
  await followed.until(1);
  await write(pipe, 'L2\nunfinished');
  rmSync(pipe);
  execFileSync('mkfifo', [pipe]);
  const written = write(pipe, 'L3\n');
  open = true;
  followed.follower.resume();
  await followed.until(4);
  await written;
  assert.deepEqual(followed.lines(), ['L1', 'L2', 'unfinished', 'L3']);
});

test('what is no pipe stops the start, and says which input and what to write', async (t) => {
  const directory = makeDirectory(t);
  const file = join(directory, 'file');
  writeFileSync(file, '');
  await assert.rejects(follow(t, directory, { input: { pipe: file } }), {
    code: 'ERR_IO',
    message: `cannot read the pipe of the input app: ${file} is not a named pipe; follow it as paths:`,
  });
});

test('what is left out of a line too long for a pipe is counted', async (t) => {
  const directory = makeDirectory(t);
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const followed = await follow(t, directory, { input: { pipe, maxLine: '10B' } });
  await write(pipe, `${'x'.repeat(25)}\nnext\n`);
  await followed.until(2);
  assert.deepEqual(followed.lines(), ['x'.repeat(10), 'next']);
  const reason = { reason: 'line_too_long' };
  assert.equal(await followed.metric('podmates_log_tail_losses_total', reason), 1);
  assert.equal(await followed.metric('podmates_log_tail_lost_bytes_total', reason), 15);
});
