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
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../sidecars/log-tail/follow/checkpoint.ts';
import { awaitUntil } from '../../await-until.ts';
import { append, follow, makeDirectory, numbered } from './harness.ts';

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
  const state = join(directory, 'state');
  append(path, numbered(1, 10));
  const app = await follow(t, directory, { section: { state } });
  await app.until(10);
  await awaitUntil(
    () => existsSync(join(state, 'checkpoint')) && (saved(state)?.entries[0]?.offset ?? 0) > 0,
    { what: 'a checkpoint' },
  );
  append(path, numbered(11, 20));
  await app.until(20);
  await app.end();
  const whole = readFileSync(join(state, 'checkpoint'), 'utf8');
  for (const damage of [whole.slice(0, -20), whole.replace('"offset":', '"offset":1'), '', 'x']) {
    writeFileSync(join(state, 'checkpoint'), damage);
    const again = await follow(t, directory, { section: { state } });
    append(path, ['more']);
    await awaitUntil(() => again.lines().includes('more'), { what: 'the new line' });
    again.abandon();
    await again.follower.close();
    const lines = again.lines().filter((line) => line !== 'more');
    assert.deepEqual(lines, numbered(11, 20).slice(-lines.length || 99), damage.slice(0, 60));
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
