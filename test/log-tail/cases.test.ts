import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Row {
  readonly number: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const rows = [...table.matchAll(/^\| (\d+b?) \| [^|]+ \| (.+) \|$/gm)].map(
  ([, number = '', tests = '']): Row => ({
    number,
    tests: [...tests.matchAll(/\]\(([^)]+)\): (.+?)(?=; \[`|$)/g)].map(
      ([, file = '', name = '']) => ({ file, name }),
    ),
  }),
);

test('the table has each of the cases, and the tests that it names are there', () => {
  const numbers = Array.from({ length: 32 }, (_, at) => String(at + 1));
  assert.deepEqual(
    rows.map(({ number }) => number),
    numbers.toSpliced(5, 0, '5b'),
  );
  for (const { number, tests } of rows) {
    assert.ok(tests.length > 0, `case ${number} has no test`);
    for (const { file, name } of tests) {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      const isThere = [`'${name}'`, `\`${name}\``].some((quoted) =>
        text.includes(`test(${quoted}`),
      );
      assert.ok(isThere, `case ${number}: ${file} has no test "${name}"`);
      assert.ok(name.includes(`(${number})`), `case ${number}: not in the name "${name}"`);
    }
  }
});
