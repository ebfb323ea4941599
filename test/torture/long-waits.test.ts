import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startReader } from './reader-process.ts';
import { makeVolume, numbered } from './volume.ts';

/** User and system time of a process so far (proc(5), fields 14 and 15). */
async function cpuSeconds(pid = 0): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

// Each of them waits for as long as its case says, with the defaults of the config; all at once.

suite('waits', { concurrency: true, timeout: 120_000 }, () => {
  test('a writer that keeps the old descriptor for 10 s after the rename (3), and is silent in between', async (t) => {
    const volume = makeVolume(t);
    const old = openSync(volume.log, 'a');
    const reader = await volume.start();
    writeSync(old, 'L1\n');
    renameSync(volume.log, `${volume.log}.1`);
    writeSync(old, 'L2\n');
    await volume.until(2);
    await pause(10_000);
    writeSync(old, 'L3\nL4');
    await volume.until(3);
    await pause(12_000); // longer than the grace, in the middle of a line
    writeSync(old, ' and its rest\n');
    closeSync(old);
    await volume.append(5, 9);
    await volume.until(9);
    assert.equal(await reader.stop('SIGTERM'), 0);
    // A rotated file that is quiet for so long is believed to have ended where it stands.
    const rest = ['L4', ' and its rest'];
    assert.deepEqual(volume.lines(), ['L1', 'L2', 'L3', ...rest, ...numbered(5, 9)]);
  });

  test('the new file comes 60 s after the rename (4)', async (t) => {
    const volume = makeVolume(t);
    await volume.append(1, 100);
    const reader = await volume.start();
    await volume.until(100);
    renameSync(volume.log, `${volume.log}.1`);
    await pause(60_000);
    await volume.append(101, 200);
    await volume.until(200);
    assert.equal(await reader.stop('SIGTERM'), 0);
    assert.deepEqual(volume.lines(), numbered(1, 200));
  });

  test('an unfinished line pauses for 5 s (21): it is one line', async (t) => {
    const volume = makeVolume(t);
    const reader = await volume.start();
    await appendFile(volume.log, 'L1\nbefore the pause');
    await pause(5000);
    assert.deepEqual(volume.lines(), ['L1']);
    await appendFile(volume.log, ', and behind it\nL3\nnever finished');
    await volume.until(3);
    assert.equal(await reader.stop('SIGTERM'), 0);
    const all = ['L1', 'before the pause, and behind it', 'L3', 'never finished'];
    assert.deepEqual(volume.lines(), all);
    const again = await volume.start();
    await appendFile(volume.log, '\nL5\n');
    await volume.until(6);
    assert.equal(await again.stop('SIGTERM'), 0);
    assert.deepEqual(volume.lines(), [...all, '', 'L5']);
  });

  test('the reader of standard output stalls for 60 s (28): reading stops, then exact', async (t) => {
    const volume = makeVolume(t);
    const inputs = { app: { paths: [join(volume.directory, 'logs/*.log')] } };
    const reader = await startReader({ inputs, state: volume.state, admin: false }, 'pipe');
    t.after(() => reader.stop('SIGKILL'));
    const { stdout } = reader.child;
    assert.ok(stdout);
    stdout.pause();
    for (let second = 0; second < 60; second++) {
      await volume.append(second * 5000 + 1, second * 5000 + 5000);
      await pause(1000);
    }
    const cpu = await cpuSeconds(reader.child.pid);
    await pause(2000);
    // Neither does it read on, nor does it try again and again.
    assert.ok((await cpuSeconds(reader.child.pid)) - cpu < 0.5, 'busy while nothing can be done');
    const chunks: Buffer[] = [];
    stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    stdout.resume();
    await pause(2000);
    assert.equal(await reader.stop('SIGTERM'), 0);
    const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
    assert.deepEqual(lines, numbered(1, 300_000));
  });
});
