import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from '../../../sidecars/adapter/map/decode.ts';

test('a text is the same whatever its length, and long ones leave nothing outside of the heap', () => {
  for (const length of [0, 1, 2 ** 19 - 1, 2 ** 19, 2 ** 19 + 1, 3_000_000]) {
    const text = 'abcdefg'.repeat(Math.ceil(length / 7)).slice(0, length);
    assert.equal(decodeText(Buffer.from(text)), text);
  }
  assert.equal(decodeText(Buffer.from('\uFEFF{"мир":"☮"}')), '{"мир":"☮"}');
  const bytes = Buffer.alloc(3_000_000, 'a');
  const before = process.memoryUsage().external;
  const texts = [decodeText(bytes), decodeText(bytes)];
  assert.ok(process.memoryUsage().external - before < 1_000_000, `${texts.length} texts`);
});
