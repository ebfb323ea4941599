import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { compileJsonPath } from '../../../sidecars/adapter/map/pick/jsonpath.ts';

/** A case of the compliance suite that the authors of RFC 9535 keep. */
interface Case {
  readonly name: string;
  readonly selector: string;
  readonly document?: unknown;
  readonly result?: readonly unknown[];
  readonly results?: readonly (readonly unknown[])[];
  readonly invalid_selector?: boolean;
}

/** The suite as the development dependency `jsonpath-rfc9535` carries it. */
function readSuite(): readonly Case[] {
  const manifest = createRequire(import.meta.url).resolve('jsonpath-rfc9535/package.json');
  const file = join(dirname(manifest), 'src/__tests__/jsonpath-compliance-test-suite/cts.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { tests: readonly Case[] }).tests;
}

function complaint(one: Case): string | undefined {
  if (one.invalid_selector === true) {
    try {
      compileJsonPath(one.selector);
      return `${one.name}: takes ${one.selector}`;
    } catch {
      return undefined;
    }
  }
  const found = compileJsonPath(one.selector)
    .all(one.document)
    .map(({ value }) => value);
  const allowed = one.results ?? [one.result ?? []];
  const text = JSON.stringify(found);
  return allowed.some((result) => JSON.stringify(result) === text)
    ? undefined
    : `${one.name}: ${one.selector}: ${text}`;
}

test('queries are those of RFC 9535, by every case of its compliance suite', () => {
  const suite = readSuite();
  const wrong = suite.map(complaint).filter((text) => text !== undefined);
  assert.deepEqual(wrong, []);
  assert.ok(suite.length > 600, `${suite.length} cases`);
});

test('a pattern that backtracks for ever elsewhere takes no time here', () => {
  const rows = [{ text: `${'a'.repeat(5000)}!` }];
  const began = process.cpuUsage();
  assert.deepEqual(compileJsonPath("$[?match(@.text, '(a|a)*(a|a)*b')]").all(rows), []);
  assert.deepEqual(compileJsonPath("$[?search(@.text, '(a+)+b')]").all(rows), []);
  const { user } = process.cpuUsage(began);
  assert.ok(user < 5e6, `${user} us`);
});

test('the place of what was found ends in its key', () => {
  const [first] = compileJsonPath('$.a.*').all({ a: { b: 1 } });
  assert.deepEqual(first, { key: 'b', value: 1 });
  assert.equal(compileJsonPath('$.x').first({}), undefined);
});
