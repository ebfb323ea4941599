import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { append, follow, makeDirectory, numbered } from './harness.ts';

test('rename and create, again and again: every line once, in order', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const app = await follow(t, directory);
  let next = 11;
  for (let turn = 0; turn < 20; turn++) {
    append(path, numbered(next, next + 49));
    for (let old = 20; old > 0; old--) {
      const from = join(directory, old === 1 ? 'app.log' : `app.log.${old - 1}`);
      try {
        renameSync(from, join(directory, `app.log.${old}`));
      } catch {
        // not that many yet
      }
    }
    append(path, numbered(next + 50, next + 99));
    next += 100;
    await new Promise((resolve) => setTimeout(resolve, turn % 4 === 0 ? 30 : 1));
  }
  await app.until(next - 1);
  assert.deepEqual(app.lines(), numbered(1, next - 1));
  assert.ok((await app.metric('podmates_log_tail_rotations_total', { kind: 'rename' })) > 0);
});

test('a busy file is renamed: the first line of the next one comes as soon as any other', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const app = await follow(t, directory);
  const waits: number[] = [];
  for (let line = 1; line <= 200; line++) {
    const written = performance.now();
    append(path, [`L${line}`]);
    while (app.taken.length < line) await new Promise((resolve) => setTimeout(resolve, 1));
    if (line % 20 === 1) waits.push(performance.now() - written);
    if (line % 20 !== 0) continue;
    renameSync(path, `${path}.${line}`);
    writeFileSync(path, '');
    await new Promise((resolve) => setTimeout(resolve, 50)); // it is found empty
  }
  assert.deepEqual(app.lines(), numbered(1, 200));
  const median = waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)] ?? 0;
  assert.ok(median < 120, `first lines came after ${waits.map(Math.round)} ms`);
});

test('several renames while nobody looks (2): the older ones are found and read first', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 100));
  const before = await follow(t, directory, { section: { state } });
  await before.until(100);
  await before.end();
  append(path, numbered(101, 150));
  for (let turn = 1; turn <= 4; turn++) {
    for (let old = turn; old > 0; old--) {
      renameSync(
        join(directory, old === 1 ? 'app.log' : `app.log.${old - 1}`),
        join(directory, `app.log.${old}`),
      );
    }
    append(path, numbered(101 + 50 * turn, 150 + 50 * turn));
  }
  const after = await follow(t, directory, { section: { state } });
  await after.until(250);
  assert.deepEqual(after.lines(), numbered(101, 350));
});

test('a writer that keeps the old descriptor after a rename (3)', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const fd = openSync(path, 'a');
  const app = await follow(t, directory, { input: { grace: '100ms' } });
  writeSync(fd, 'L1\n');
  await app.until(1);
  renameSync(path, `${path}.1`);
  for (let line = 2; line <= 6; line++) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    writeSync(fd, `L${line}\n`);
  }
  await app.until(6);
  closeSync(fd);
  append(path, ['L7']);
  await app.until(7);
  assert.deepEqual(app.lines(), numbered(1, 7));
});

test('the new file comes late after a rename (4)', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 5));
  const app = await follow(t, directory, { input: { grace: '50ms' } });
  await app.until(5);
  renameSync(path, `${path}.1`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  append(path, numbered(6, 9));
  await app.until(9);
  assert.deepEqual(app.lines(), numbered(1, 9));
});

test('copytruncate with the copy kept (5): what was unread is read from the copy', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 100));
  const app = await follow(t, directory, { take: () => false });
  await app.until(100); // and now it is full, and reads no more
  append(path, numbered(101, 200));
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  append(path, numbered(201, 205));
  app.follower.resume();
  await app.until(200);
  app.follower.resume();
  await app.until(205);
  assert.deepEqual(app.lines(), numbered(1, 205));
  assert.equal(await app.metric('podmates_log_tail_rotations_total', { kind: 'copytruncate' }), 1);
  assert.equal(await app.metric('podmates_log_tail_lost_bytes_total'), 0);
});

test('copytruncate over and over, copies moved on (5)', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const app = await follow(t, directory);
  let next = 11;
  for (let turn = 0; turn < 12; turn++) {
    append(path, numbered(next, next + 99));
    next += 100;
    if (turn % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    for (let old = 9; old > 1; old--) {
      try {
        renameSync(`${path}.${old - 1}`, `${path}.${old}`);
      } catch {
        // not that many yet
      }
    }
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    await awaitUntil(() => app.lines().length >= next - 1, {
      timeoutMs: 5000,
      what: `${next - 1}`,
    });
  }
  assert.deepEqual(app.lines(), numbered(1, next - 1));
});

test('copied and truncated between a scan and the first read (5): the copy comes first', async (t) => {
  const directory = makeDirectory(t);
  const [before, path] = [join(directory, 'a.log'), join(directory, 'b.log')];
  append(before, ['first']);
  append(path, []);
  const take = ({ file }: { file: { path: string } }) => {
    if (file.path !== before) return true;
    // Within the turn that reads b.log next, of which the scan has seen that it is empty.
    append(path, numbered(1, 10));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    append(path, numbered(11, 20, ' and longer'));
    return true;
  };
  const app = await follow(t, directory, { take });
  await app.until(21);
  assert.deepEqual(app.lines(), ['first', ...numbered(1, 10), ...numbered(11, 20, ' and longer')]);
});

test('copytruncate with the copy gone at once (5b): only the unread is lost, and counted', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 100));
  const app = await follow(t, directory, { take: () => false });
  await app.until(100);
  append(path, numbered(101, 200));
  await awaitUntil(() => app.follower.files().some(({ lag }) => lag > 0), {
    timeoutMs: 5000,
    what: 'the growth to be seen',
  });
  truncateSync(path);
  append(path, numbered(201, 205));
  app.follower.resume();
  await app.until(105);
  assert.deepEqual(app.lines(), [...numbered(1, 100), ...numbered(201, 205)]);
  const lost = await app.metric('podmates_log_tail_lost_bytes_total', { reason: 'truncated' });
  assert.equal(lost, numbered(101, 200).join('\n').length + 1);
  assert.equal(await app.metric('podmates_log_tail_losses_total', { reason: 'truncated' }), 1);
});

test('truncate, to less and to more than was read (6): each new line once, none spliced', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 50));
  const app = await follow(t, directory);
  await app.until(50);
  writeFileSync(path, 'N1\n');
  await app.until(51);
  writeFileSync(path, `${numbered(1, 300, ' larger').join('\n')}\n`);
  await app.until(351);
  assert.deepEqual(app.lines(), [...numbered(1, 50), 'N1', ...numbered(1, 300, ' larger')]);
});

test('a symbolic link that is swapped, as the kubelet does with ..data (7)', async (t) => {
  const directory = makeDirectory(t);
  for (const name of ['one', 'two']) mkdirSync(join(directory, name));
  append(join(directory, 'one/app.log'), numbered(1, 20));
  symlinkSync('one', join(directory, '..data'));
  symlinkSync('..data/app.log', join(directory, 'app.log'));
  const app = await follow(t, directory, { input: { grace: '50ms' } });
  await app.until(20);
  append(join(directory, 'one/app.log'), numbered(21, 30));
  append(join(directory, 'two/app.log'), numbered(31, 40));
  symlinkSync('two', join(directory, '..tmp'));
  renameSync(join(directory, '..tmp'), join(directory, '..data'));
  await app.until(40);
  append(join(directory, 'two/app.log'), numbered(41, 45));
  await app.until(45);
  assert.deepEqual(app.lines(), numbered(1, 45));
});

test('deleted while open with unread data (8): read to its end, then closed', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const app = await follow(t, directory, { take: () => false, input: { grace: '50ms' } });
  await app.until(10);
  append(path, numbered(11, 20));
  appendFileSync(path, 'no end');
  unlinkSync(path);
  app.follower.resume();
  await app.until(20);
  app.follower.resume();
  await app.until(21);
  assert.deepEqual(app.lines(), [...numbered(1, 20), 'no end']);
  assert.equal(app.taken.at(-1)?.partial, true);
  await awaitUntil(() => app.follower.files().length === 0, { timeoutMs: 5000, what: 'it closed' });
  assert.deepEqual(openIn(directory), [], 'the disk space is free again');
});

/** The files below a directory, also deleted ones, that this process has open. */
function openIn(directory: string): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // that of the listing itself
    }
  });
  return links.filter((path) => path.startsWith(directory));
}

test('a deleted file is let go of at its bounds, and the loss is counted', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const deleted = { keepOpen: '10m', maxBytes: '100B' };
  const app = await follow(t, directory, { take: () => false, input: { deleted } });
  await app.until(10);
  append(path, numbered(11, 1000));
  await awaitUntil(() => app.follower.files().some(({ lag }) => lag > 0), {
    timeoutMs: 5000,
    what: 'the growth to be seen',
  });
  unlinkSync(path);
  await awaitUntil(() => app.follower.files().length === 0, { timeoutMs: 5000, what: 'it closed' });
  const lost = await app.metric('podmates_log_tail_lost_bytes_total', { reason: 'deleted' });
  assert.equal(lost, numbered(11, 1000).join('\n').length + 1);
});

test('two files with equal first bytes (24), and hard links (25)', async (t) => {
  const directory = makeDirectory(t);
  const header = 'H'.repeat(1500);
  append(join(directory, 'a.log'), [header, 'A1']);
  append(join(directory, 'b.log'), [header, 'B1']);
  linkSync(join(directory, 'a.log'), join(directory, 'c.log'));
  const app = await follow(t, directory, {
    input: { paths: [join(directory, '*.log'), join(directory, '?.log')] },
  });
  await app.until(4);
  append(join(directory, 'c.log'), ['A2']);
  append(join(directory, 'b.log'), ['B2']);
  await app.until(6);
  assert.deepEqual(app.lines().sort(), ['A1', 'A2', 'B1', 'B2', header, header]);
});

test('a rotated file with the header of the live one is read, not taken for its copy', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const header = 'H'.repeat(1500);
  append(path, [header, 'A1']);
  const app = await follow(t, directory);
  await app.until(2);
  append(join(directory, 'app.log.1'), [header, 'older 1', 'older 2']);
  await app.until(5);
  assert.deepEqual(app.lines().slice(2), [header, 'older 1', 'older 2']);
});

test('what is no file to follow is left alone (23)', async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(join(directory, 'directory.log'));
  symlinkSync('loop.log', join(directory, 'loop.log'));
  append(join(directory, 'app.log'), ['L1']);
  const app = await follow(t, directory);
  await app.until(1);
  rmSync(join(directory, 'loop.log'));
  append(join(directory, 'app.log'), ['L2']);
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2']);
});

test('a deleted file is let go of when its time is over, and the loss is counted', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const deleted = { keepOpen: '200ms', maxBytes: '1GiB' };
  const app = await follow(t, directory, { take: () => false, input: { deleted } });
  await app.until(10);
  append(path, numbered(11, 20));
  await awaitUntil(() => app.follower.files().some(({ lag }) => lag > 0), {
    timeoutMs: 5000,
    what: 'the growth to be seen',
  });
  unlinkSync(path);
  await awaitUntil(() => app.follower.files().length === 0, { timeoutMs: 5000, what: 'it closed' });
  const lost = await app.metric('podmates_log_tail_lost_bytes_total', { reason: 'deleted' });
  assert.equal(lost, Buffer.byteLength(`${numbered(11, 20).join('\n')}\n`));
});

for (const [template, name] of [
  ['{dir}/old/{name}.*', 'old/app.log.1'],
  ['{dir}/{stem}-*{ext}', 'app-2026-11-23.log'],
  ['{path}~', 'app.log~'],
] as const) {
  test(`a rotated file is called ${template}: read to its end, and not as another log`, async (t) => {
    const directory = makeDirectory(t);
    mkdirSync(join(directory, 'old'));
    const path = join(directory, 'app.log');
    append(path, numbered(1, 10));
    const input = { paths: [path], rotated: template };
    const app = await follow(t, directory, { input, take: () => false });
    await app.until(10);
    append(path, numbered(11, 20));
    renameSync(path, join(directory, name));
    append(join(directory, name), numbered(21, 30));
    append(path, numbered(31, 40));
    for (const count of [30, 40]) {
      app.follower.resume();
      await app.until(count);
    }
    assert.deepEqual(app.lines(), numbered(1, 40));
    assert.equal(await app.metric('podmates_log_tail_rotations_total', { kind: 'rename' }), 1);
  });
}
