import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createLogger } from '../../../sidecars/core/logger.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../sidecars/log-tail/follow/remember/checkpoint.ts';
import { createCheckpointStore } from '../../../sidecars/log-tail/follow/remember/checkpoint-store.ts';
import { awaitUntil } from '../../await-until.ts';
import { append, follow, makeDirectory, numbered } from './harness.ts';

const silent = () => createLogger({ name: 'test', level: 'silent', format: 'json' });
const saved = (state: string) => decodeCheckpoint(readFileSync(join(state, 'checkpoint'), 'utf8'));

test('only what was acknowledged is in the checkpoint: the rest comes again', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 10));
  const app = await follow(t, directory, { acknowledge: false, section: { state } });
  await app.until(10);
  const [file] = app.taken;
  assert.ok(file);
  app.follower.acknowledge(file.file, Buffer.byteLength(`${numbered(1, 4).join('\n')}\n`));
  await app.end();
  const again = await follow(t, directory, { section: { state } });
  await again.until(6);
  assert.deepEqual(again.lines(), numbered(5, 10));
  assert.equal(again.taken[0]?.file.id, file.file.id);
});

test('a damaged checkpoint (12): the one before it is used, so nothing is missing', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 20));
  const kept = join(directory, 'kept');
  const app = await follow(t, directory, { section: { state: kept } });
  await app.until(20);
  await app.end();
  const last = saved(kept);
  assert.ok(last?.entries[0]?.offset === Buffer.byteLength(`${numbered(1, 20).join('\n')}\n`));
  const offset = Buffer.byteLength(`${numbered(1, 10).join('\n')}\n`);
  const entries = last.entries.map((entry) => ({ ...entry, offset, trace: '' }));
  const previous = encodeCheckpoint({ ...last, sequence: last.sequence - 1, entries });
  const whole = encodeCheckpoint(last);
  for (const damage of [whole.slice(0, -20), whole.replace('"offset":', '"offset":1'), '', 'x']) {
    const state = makeDirectory(t);
    writeFileSync(join(state, 'checkpoint'), damage);
    writeFileSync(join(state, 'checkpoint.previous'), previous);
    const again = await follow(t, directory, { section: { state } });
    await again.until(10);
    assert.deepEqual(again.lines(), numbered(11, 20), damage.slice(0, 60));
    await again.end();
  }
});

test('all checkpoints are damaged (12): everything comes again, also with start: end', async (t) => {
  const directory = makeDirectory(t);
  const state = join(directory, 'state');
  mkdirSync(state);
  for (const name of ['checkpoint', 'checkpoint.previous']) writeFileSync(join(state, name), 'x');
  append(join(directory, 'app.log'), numbered(1, 10));
  const app = await follow(t, directory, { input: { start: 'end' }, section: { state } });
  await app.until(10);
  assert.deepEqual(app.lines(), numbered(1, 10));
});

test('a crash at any step of writing a checkpoint (12) leaves one that is whole', async (t) => {
  const names = ['checkpoint', 'checkpoint.next', 'checkpoint.previous'] as const;
  const half = encodeCheckpoint({ sequence: 3, entries: [], past: [] }).slice(0, -5);
  const whole = (sequence: number) => encodeCheckpoint({ sequence, entries: [], past: [] });
  const crashes: readonly (readonly [string, readonly (string | undefined)[], number])[] = [
    ['before anything', [whole(2), undefined, whole(1)], 2],
    ['with the next one empty', [whole(2), '', whole(1)], 2],
    ['in the middle of the next one', [whole(2), half, whole(1)], 2],
    ['with the next one whole', [whole(2), whole(3), whole(1)], 3],
    ['between the two renames', [undefined, whole(3), whole(2)], 3],
    ['between the renames, the next one torn by the disk', [undefined, half, whole(2)], 2],
    ['after all', [whole(3), undefined, whole(2)], 3],
    ['after all, the current one torn by the disk', [half, undefined, whole(2)], 2],
  ];
  for (const [when, contents, sequence] of crashes) {
    const state = makeDirectory(t);
    contents.forEach((text, at) => {
      if (text !== undefined) writeFileSync(join(state, names[at] ?? ''), text);
    });
    const store = createCheckpointStore(state, await silent());
    assert.equal((await store.load())?.sequence, sequence, when);
    await store.save({ entries: [], past: [] });
    const again = createCheckpointStore(state, await silent());
    assert.equal((await again.load())?.sequence, sequence + 1, when);
    const previous = decodeCheckpoint(readFileSync(join(state, 'checkpoint.previous'), 'utf8'));
    assert.ok(previous !== undefined, `${when}: the previous one is whole`);
  }
});

test('a checkpoint that was being written is not believed', () => {
  const text = encodeCheckpoint({ sequence: 1, entries: [], past: [] });
  assert.deepEqual(decodeCheckpoint(text), { sequence: 1, entries: [], past: [] });
  for (let end = 0; end < text.length - 1; end++) {
    assert.equal(decodeCheckpoint(text.slice(0, end)), undefined, `cut at ${end}`);
  }
});

test('the checkpoint cannot be written (13): lines go on, it is said, and it recovers', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  writeFileSync(state, 'in the way'); // as good as a full disk: nothing can be written there
  append(path, numbered(1, 10));
  const app = await follow(t, directory, { section: { state } });
  await app.until(10);
  await awaitUntil(
    async () => (await app.metric('podmates_log_tail_checkpoints_total', { result: 'error' })) > 0,
    { what: 'a failure' },
  );
  assert.equal(await app.metric('podmates_log_tail_checkpoint_durable'), 0);
  append(path, numbered(11, 20));
  await app.until(20);
  rmSync(state);
  await awaitUntil(async () => (await app.metric('podmates_log_tail_checkpoint_durable')) === 1, {
    what: 'recovery',
  });
  assert.deepEqual(app.lines(), numbered(1, 20));
});

test('copytruncate while down: the rest from the copy, then the new lines', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 100));
  const app = await follow(t, directory, { section: { state } });
  await app.until(100);
  await app.end();
  append(path, numbered(101, 150));
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  append(path, numbered(151, 600)); // larger than before
  const again = await follow(t, directory, { section: { state } });
  await again.until(500);
  assert.deepEqual(again.lines(), numbered(101, 600));
});

test('rotated and compressed while down (10): the unread rest from the archive, once', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 1000));
  const app = await follow(t, directory, { section: { state } });
  await app.until(1000);
  await app.end();
  append(path, numbered(1001, 30_000));
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  unlinkSync(path);
  writeFileSync(`${path}.2.gz`, gzipSync(`${numbered(1, 5, ' of an older one').join('\n')}\n`));
  append(path, numbered(30_001, 30_010));
  const again = await follow(t, directory, { section: { state } });
  await again.until(29_015);
  const lines = again.lines();
  assert.deepEqual(
    lines.filter((line) => !line.includes('older')),
    lines.length > 0 ? [...new Set(lines)].filter((line) => !line.includes('older')) : [],
  );
  assert.deepEqual(
    lines
      .filter((line) => !line.includes('older'))
      .map((line) => Number(line.slice(1)))
      .sort((a, b) => a - b),
    Array.from({ length: 29_010 }, (_, at) => 1001 + at),
  );
  assert.equal(lines.filter((line) => line.includes('older')).length, 5);
  await again.end();
  const third = await follow(t, directory, { section: { state } });
  append(path, ['last']);
  await third.until(1);
  assert.deepEqual(third.lines(), ['last']);
});

test('compressed in place of the rotated file while running (10): nothing comes twice', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 1000));
  const app = await follow(t, directory, { input: { grace: '50ms' } });
  await app.until(1000);
  renameSync(path, `${path}.1`);
  append(path, numbered(1001, 1010));
  await app.until(1010);
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
  unlinkSync(`${path}.1`);
  await awaitUntil(() => app.follower.files().some((file) => file.path.endsWith('.gz')), {
    what: 'the archive to be known',
  });
  append(path, ['last']);
  await app.until(1011);
  assert.deepEqual(app.lines(), [...numbered(1, 1010), 'last']);
});

test('deleted and made again (9): the new file from its beginning', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 10));
  const before = await follow(t, directory, { section: { state } });
  await before.until(10);
  await before.end();
  unlinkSync(path);
  append(path, numbered(11, 40));
  // On ext4 it gets the inode that has just become free; here it has it on any disk.
  const { dev, ino } = statSync(path, { bigint: true });
  const checkpoint = saved(state);
  assert.ok(checkpoint);
  const entries = checkpoint.entries.map((entry) => ({ ...entry, key: `${dev}:${ino}` }));
  writeFileSync(join(state, 'checkpoint'), encodeCheckpoint({ ...checkpoint, entries }));
  const after = await follow(t, directory, { section: { state } });
  await after.until(30);
  assert.deepEqual(after.lines(), numbered(11, 40));
});

test('a volume mounted anew, with other device numbers, is known by its bytes', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  append(path, numbered(1, 10));
  const app = await follow(t, directory, { section: { state } });
  await app.until(10);
  await app.end();
  const checkpoint = saved(state);
  assert.ok(checkpoint);
  const entries = checkpoint.entries.map((entry) => ({
    ...entry,
    key: entry.key.replace(/^\d+/, '99'),
  }));
  writeFileSync(join(state, 'checkpoint'), encodeCheckpoint({ sequence: 1e6, entries, past: [] }));
  append(path, numbered(11, 15));
  const again = await follow(t, directory, { section: { state } });
  await again.until(5);
  assert.deepEqual(again.lines(), numbered(11, 15));
});

test('the checkpoint lies in a directory of its own, and its files are no logs', async (t) => {
  const directory = makeDirectory(t);
  const state = join(directory, 'state');
  mkdirSync(state);
  append(join(directory, 'app.log'), ['L1']);
  const app = await follow(t, directory, {
    input: { paths: [join(directory, '**')] },
    section: { state },
  });
  await app.until(1);
  await awaitUntil(() => existsSync(join(state, 'checkpoint')), { what: 'a checkpoint' });
  appendFileSync(join(directory, 'app.log'), 'L2\n');
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2']);
  assert.ok(statSync(join(state, 'checkpoint')).size > 0);
});
