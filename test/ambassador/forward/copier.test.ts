import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createCopier } from '../../../sidecars/ambassador/forward/http1/copier.ts';

/** Takes what it is given and keeps the memory until it is told that it was written. */
function slowTarget() {
  const pieces: Buffer[] = [];
  let written: ((error?: Error) => void) | undefined;
  const target = new Writable({
    highWaterMark: 1,
    write(piece: Buffer, _encoding, callback) {
      pieces.push(piece);
      written = callback;
    },
  });
  target.on('error', () => {});
  return { target, pieces, finish: (error?: Error) => written?.(error) };
}

const long = (fill: string, length = 60_000) => Buffer.alloc(length, fill);
const memoryOf = (piece: Buffer | undefined) => piece?.buffer;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a copy stays as it is while it is not written, whatever else is copied meanwhile', async () => {
  const copier = createCopier();
  const [slow, other] = [slowTarget(), slowTarget()];
  const source = long('a');
  assert.equal(copier.write(slow.target, source), false);
  source.fill('b');
  copier.write(other.target, source);
  assert.ok(slow.pieces[0]?.equals(long('a')));
  assert.ok(other.pieces[0]?.equals(long('b')));
  slow.finish();
  await turn();
  copier.write(slow.target, long('c', 5000));
  assert.equal(
    memoryOf(slow.pieces[1]),
    memoryOf(slow.pieces[0]),
    'taken again once it is written',
  );
  assert.ok(slow.pieces[1]?.equals(long('c', 5000)));
  assert.ok(other.pieces[0]?.equals(long('b')));
});

test('memory whose write failed is never taken again', async () => {
  const copier = createCopier();
  const [failing, next] = [slowTarget(), slowTarget()];
  copier.write(failing.target, long('a'));
  failing.finish(new Error('the caller is gone'));
  await turn();
  copier.write(next.target, long('b'));
  assert.notEqual(memoryOf(next.pieces[0]), memoryOf(failing.pieces[0]));
});

test('what is short, or longer than a block, is copied too', () => {
  const copier = createCopier();
  for (const length of [1, 4095, 65_536, 65_537]) {
    const { target, pieces } = slowTarget();
    const source = long('a', length);
    copier.write(target, source);
    source.fill('b');
    assert.ok(pieces[0]?.equals(long('a', length)), `${length}`);
  }
});
