import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { makeVolume, numbered, type Volume } from './volume.ts';

// What the kernel refuses, refused by the kernel. Needs root, for mounts and namespaces.

interface Disk {
  readonly directory: string;
  fill(): void;
  empty(): void;
}

/** A disk of 64 KiB. */
function mountDisk(t: TestContext): Disk {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
  t.after(() => {
    execFileSync('umount', ['--lazy', directory]);
    rmdirSync(directory);
  });
  const path = join(directory, 'fill');
  return {
    directory,
    fill: () => assert.throws(() => writeFileSync(path, Buffer.alloc(200_000)), { code: 'ENOSPC' }),
    empty: () => rmSync(path),
  };
}

const said = (reader: { said: readonly string[] }, text: string) =>
  reader.said.filter((line) => line.includes(text)).length;

test('the disk of the checkpoint is full (13): lines go on, it is said once, and it recovers', async (t) => {
  const volume = makeVolume(t);
  const disk = mountDisk(t);
  const state = join(disk.directory, 'state');
  disk.fill();
  await volume.append(1, 100);
  const reader = await volume.start({ state, checkpoint: { every: '50ms' } });
  await volume.until(100);
  for (let from = 101; from <= 1000; from += 100) {
    await volume.append(from, from + 99);
    await volume.until(from + 99);
  }
  assert.equal(said(reader, 'cannot write the checkpoint, lines go on without it: ENOSPC'), 1);
  disk.empty();
  await awaitUntil(() => said(reader, 'the checkpoint is written again') === 1, {
    what: 'recovery without anybody doing anything',
  });
  assert.equal(await reader.stop('SIGTERM'), 0);
  const again = await volume.start({ state });
  await volume.append(1001, 1010);
  await volume.until(1010);
  assert.equal(await again.stop('SIGTERM'), 0);
  assert.deepEqual(volume.lines(), numbered(1, 1010));
});

test('the disk fills up behind a checkpoint (13): what is older is whole, nothing is missing', async (t) => {
  const volume = makeVolume(t);
  const disk = mountDisk(t);
  const state = join(disk.directory, 'state');
  await volume.append(1, 100);
  const reader = await volume.start({ state, checkpoint: { every: '50ms' } });
  await volume.until(100);
  await awaitUntil(() => readdirSync(state).includes('checkpoint.previous'), {
    what: 'two checkpoints',
  });
  disk.fill();
  // Longer with each file, so that even the blocks it has do not hold it.
  for (let at = 0; at < 50; at++)
    await volume.append(1, 1, join(volume.directory, `logs/${at}.log`));
  await volume.until(150);
  await awaitUntil(() => said(reader, 'ENOSPC') === 1, { what: 'a failure' });
  await reader.stop('SIGKILL');
  const again = await volume.start({ state });
  await volume.append(101, 110);
  await awaitUntil(() => volume.lines().includes('L110'), { what: 'the last line' });
  // Only the one that was being written: neither that in force nor the one before.
  const damaged = again.said.filter((line) => line.includes('a checkpoint is damaged'));
  assert.ok(
    damaged.every((line) => line.includes('/checkpoint.next"')),
    damaged.join(),
  );
  const unique = new Set(volume.lines());
  assert.deepEqual([...unique].length, 110);
  assert.equal(
    volume.lines().filter((line) => line === 'L50').length,
    1,
    'the checkpoint was used',
  );
});

test('the disk of a file output is full: reading waits, then goes on exactly', async (t) => {
  const volume = makeVolume(t);
  const disk = mountDisk(t);
  disk.fill();
  const path = join(disk.directory, 'copy');
  await volume.append(1, 100);
  const reader = await volume.start({ outputs: { file: { path }, stdout: {} } });
  await awaitUntil(() => said(reader, 'output file fails, and is tried again: ENOSPC') === 1, {
    what: 'a failure',
  });
  disk.empty();
  await awaitUntil(() => said(reader, 'output file works again') === 1, { what: 'recovery' });
  await volume.append(101, 200);
  await volume.until(200);
  assert.equal(await reader.stop('SIGTERM'), 0);
  const copy = readFileSync(path, 'utf8');
  assert.equal(copy, `${numbered(1, 200).join('\n')}\n`);
});

async function writeMany(volume: Volume, files: number, round: number): Promise<void> {
  for (let at = 0; at < files; at++) {
    await volume.append(at * 10 + round, at * 10 + round, join(volume.directory, `logs/${at}.log`));
  }
}

test('fewer descriptors than files, and than the config says: none of them is left out', async (t) => {
  const volume = makeVolume(t);
  const files = 200;
  await writeMany(volume, files, 1);
  const reader = await volume.start({}, ['prlimit', '--nofile=40']);
  await volume.until(files);
  await writeMany(volume, files, 2);
  await volume.until(2 * files);
  assert.equal(new Set(volume.lines()).size, 2 * files);
  assert.equal(said(reader, 'EMFILE'), 0);
  assert.ok(readdirSync(volume.state).includes('checkpoint'));
  assert.equal(await reader.stop('SIGTERM'), 0);
});

const noWatches = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  ...['echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh'],
];

test('the kernel gives no watches (29): exact by polling', async (t) => {
  const volume = makeVolume(t);
  await volume.append(1, 10);
  const reader = await volume.start({}, noWatches);
  await volume.until(10);
  await volume.append(11, 20);
  renameSync(volume.log, `${volume.log}.1`);
  await volume.append(21, 30);
  await volume.until(30);
  await volume.append(31, 40);
  await volume.until(40);
  assert.equal(await reader.stop('SIGTERM'), 0);
  assert.deepEqual(volume.lines(), numbered(1, 40));
});

/** How many inotify watches a process has. */
function watches(pid = 0): number {
  const directory = `/proc/${pid}/fdinfo`;
  const texts = readdirSync(directory).map((fd) => readFileSync(join(directory, fd), 'utf8'));
  return texts.join('').match(/^inotify wd:/gm)?.length ?? 0;
}

test('more events than the kernel keeps (29): exact all the same', async (t) => {
  const volume = makeVolume(t);
  await volume.append(1, 10);
  const reader = await volume.start();
  await volume.until(10);
  // It has put its watches down while it was busy.
  await awaitUntil(() => watches(reader.child.pid) > 0, { what: 'the reader to watch' });
  reader.child.kill('SIGSTOP');
  const noise = join(volume.directory, 'logs/noise');
  for (let event = 0; event < 12_000; event++) {
    writeFileSync(noise, ''); // made and deleted: two events, where 16,384 are kept
    rmSync(noise);
  }
  await volume.append(11, 20);
  renameSync(volume.log, `${volume.log}.1`);
  await volume.append(21, 30);
  reader.child.kill('SIGCONT');
  await volume.until(30);
  assert.equal(await reader.stop('SIGTERM'), 0);
  assert.deepEqual(volume.lines(), numbered(1, 30));
});
