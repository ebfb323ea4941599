import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLineCounter } from '../../../sidecars/log-tail/follow/read/count-lines.ts';
import { awaitUntil } from '../../await-until.ts';
import { append, follow, makeDirectory, numbered } from './harness.ts';

test('bytes come through as they are, cut anywhere (20)', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const odd = [Buffer.from('\uFEFFbom é 漢字 😀\n\r\n'), Buffer.from([0, 0xff, 0xc3, 10, 13, 10])];
  const bytes = Buffer.concat([...odd, Buffer.from('lone\rcr\n')]);
  const got: Buffer[] = [];
  const fd = openSync(path, 'a');
  const app = await follow(t, directory, {
    take(lines) {
      got.push(Buffer.from(lines.bytes));
      return true;
    },
  });
  for (const byte of bytes) {
    writeSync(fd, Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  closeSync(fd);
  await awaitUntil(() => Buffer.concat(got).length === bytes.length, { what: 'every byte' });
  assert.deepEqual(Buffer.concat(got), bytes);
  assert.equal(await app.metric('podmates_log_tail_lines_total'), 5);
});

test('an unfinished line waits for its end (21), and is handed on once at the end', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const state = join(directory, 'state');
  appendFileSync(path, 'L1\nL2 beg');
  const app = await follow(t, directory, { section: { state } });
  await app.until(1);
  appendFileSync(path, 'un\nL3 unfinished');
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2 begun']);
  await app.end();
  assert.deepEqual(app.lines(), ['L1', 'L2 begun', 'L3 unfinished']);
  assert.equal(app.taken.at(-1)?.partial, true);
  const again = await follow(t, directory, { section: { state } });
  appendFileSync(path, ' and its rest\nL4\n');
  await again.until(2);
  assert.deepEqual(again.lines(), [' and its rest', 'L4']);
});

for (const [name, maxLine, length] of [
  ['within a block', '1KiB', 5000],
  ['over several blocks', '1MiB', 5_000_000], // 10 MB
] as const) {
  test(`a line too long ${name} is cut, and the next one is exact (19)`, async (t) => {
    const directory = makeDirectory(t);
    const path = join(directory, 'app.log');
    const bound = maxLine === '1KiB' ? 1024 : 1024 * 1024;
    append(path, [
      'before',
      'x'.repeat(bound),
      'é'.repeat(length),
      'after',
      'y'.repeat(bound + 1),
      'end',
    ]);
    const app = await follow(t, directory, { input: { maxLine } });
    await app.until(6);
    const [before, whole, cut, after, other, end] = app.lines();
    assert.deepEqual([before, after, end], ['before', 'after', 'end']);
    assert.equal(whole, 'x'.repeat(bound));
    assert.equal(cut, 'é'.repeat(bound / 2));
    assert.equal(other, 'y'.repeat(bound));
    const lost = await app.metric('podmates_log_tail_lost_bytes_total', {
      reason: 'line_too_long',
    });
    assert.equal(lost, length * 2 - bound + 1);
    assert.equal(
      app.taken.reduce((sum, { offset, next }) => sum + next - offset, 0),
      app.follower.files()[0]?.size,
    );
  });
}

test('a long line that grows piece by piece is searched once and comes whole', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const app = await follow(t, directory);
  const piece = 'z'.repeat(100_000);
  for (let count = 0; count < 9; count++) {
    appendFileSync(path, piece);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  appendFileSync(path, '\nnext\n');
  await app.until(2);
  assert.deepEqual(app.lines(), [piece.repeat(9), 'next']);
});

for (const encoding of ['utf-16le', 'utf-16be'] as const) {
  test(`line ends of ${encoding}, where the byte 10 is in other characters too`, async (t) => {
    const directory = makeDirectory(t);
    const text = 'eins\nz\u0A0Awei \u010A\nЖ ∊ 漢\n';
    const bytes = Buffer.from(text, 'utf16le');
    if (encoding === 'utf-16be') bytes.swap16();
    writeFileSync(join(directory, 'app.log'), bytes);
    const got: Buffer[] = [];
    await follow(t, directory, {
      input: { encoding, maxLine: '12B' },
      take(lines) {
        got.push(Buffer.from(lines.bytes));
        return true;
      },
    });
    await awaitUntil(() => got.length >= 2, { what: 'lines' });
    const came = Buffer.concat(got);
    if (encoding === 'utf-16be') came.swap16();
    // Twelve bytes are six characters; the second line is longer.
    assert.equal(came.toString('utf16le'), 'eins\nz\u0A0Awei \nЖ ∊ 漢\n');
  });
}

test('start: end skips what is there at the very first start, and nothing else', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  const options = { input: { start: 'end' }, section: { state: join(directory, 'state') } };
  append(path, numbered(1, 10));
  append(`${path}.1`, ['old']);
  const app = await follow(t, directory, options);
  append(path, numbered(11, 20));
  append(join(directory, 'new.log'), ['N1']);
  await app.until(11);
  assert.deepEqual(app.lines().sort(), [...numbered(11, 20), 'N1'].sort());
  await app.end();
  append(path, numbered(21, 30));
  const again = await follow(t, directory, options);
  await again.until(10);
  assert.deepEqual(again.lines(), numbered(21, 30));
});

test('excluded files are left alone', async (t) => {
  const directory = makeDirectory(t);
  append(join(directory, 'app.log'), ['L1']);
  append(join(directory, 'debug.log'), ['D1']);
  const app = await follow(t, directory, { input: { exclude: ['debug*'] } });
  append(join(directory, 'app.log'), ['L2']);
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2']);
});

test('counting lines sixteen bytes at a time counts as one by one does', () => {
  const counter = createLineCounter();
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 500; round++) {
    const from = random(300);
    const length = random(200);
    for (let at = 0; at < 600; at++) counter.memory[at] = random(4) === 0 ? 10 : 65;
    const bytes = counter.memory.subarray(from, from + length);
    assert.equal(counter.count(bytes), bytes.filter((byte) => byte === 10).length);
  }
  const { memory } = counter;
  memory.fill(10);
  assert.equal(counter.count(memory), memory.length);
  assert.equal(counter.count(Buffer.from('a\nb\n')), 2);
});
