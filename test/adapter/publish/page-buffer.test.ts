import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPageBuffer } from '../../../sidecars/adapter/publish/page-buffer.ts';

const values = [
  ...[0, -0, 1, 9, 10, 99, 100, 12_345, 999_999_999, 1_000_000_000, 2 ** 31 - 1],
  ...[2 ** 31, 2 ** 32, 2 ** 53, 1e21, -1, -(2 ** 31), 0.5, 1e-7, -0.0000012345678901234567],
  ...[Number.MAX_VALUE, -Number.MIN_VALUE, -1.2345678901234567e-308],
];

test('numbers stand as the language writes them, and no page is too small for what comes', () => {
  const head = Buffer.from('x{');
  for (const size of [0, 1, 64, 4096]) {
    const page = createPageBuffer(size);
    let expected = '';
    page.text('# TYPE x gauge\n');
    for (const value of values) {
      for (const [labels, end] of [
        ['', '\n'],
        ['a="b"', '\n'],
        ['a="☮мир😀"', ' # {} 1\n'],
      ] as const) {
        page.sample(head, labels, value, end);
        expected += `x{${labels}${labels === '' ? '' : '} '}${value}${end}`;
      }
    }
    assert.equal(page.bytes().toString('utf8'), `# TYPE x gauge\n${expected}`);
  }
});

test('what is no number is written as Prometheus reads it', () => {
  const page = createPageBuffer(0);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    page.sample(Buffer.from('x '), '', value, '\n');
  }
  assert.equal(page.bytes().toString('utf8'), 'x NaN\nx +Inf\nx -Inf\n');
});
