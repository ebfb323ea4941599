import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import type { Environment } from '../../../sidecars/core/config/environment.ts';
import { duration } from '../../../sidecars/core/config/fields.ts';
import { readConfig, toJsonSchema } from '../../../sidecars/core/config/load.ts';
import { ConfigError, formatProblem } from '../../../sidecars/core/errors.ts';

const schema = z.strictObject({
  name: z.string().optional(),
  port: z.number().int().optional(),
  on: z.boolean().optional(),
  timeout: duration().prefault('5s'),
  target: z.union([z.number(), z.string()]).optional(),
  some: z.array(z.string().min(1)).min(1).max(2).optional(),
  few: z.number().min(2).lt(5).optional(),
  list: z.array(z.strictObject({ value: z.number() })).default([]),
});

function load(text: string, environment: Environment = {}) {
  return readConfig({ text, file: 'podmates.yaml', environment }).section('adapter', schema);
}

function complaints(text: string, environment: Environment = {}): readonly string[] {
  try {
    load(text, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(formatProblem);
  }
  return [];
}

test('an empty section gets every default', () => {
  assert.deepEqual(load('adapter:'), { timeout: 5000, list: [] });
});

test('variables fill strings, with a default where they are unset or empty', () => {
  const environment = { HOST: 'app', EMPTY: '' };
  const name = (text: string) => load(`adapter: {name: "${text}"}`, environment).name;
  assert.equal(name('${HOST}'), 'app');
  assert.equal(name('http://${HOST}:${PORT:-8080}/x'), 'http://app:8080/x');
  assert.equal(name('${EMPTY:-full}'), 'full');
  assert.equal(name('<${EMPTY}>'), '<>');
  assert.equal(name('${UNSET:-}'), '');
  assert.equal(name('$${HOST} costs $5'), '${HOST} costs $5', 'a doubled $ is a literal one');
});

test('a value that is wholly a variable becomes the number or boolean that was wanted', () => {
  const environment = { PORT: '8080', ON: 'true', NAME: '007' };
  assert.deepEqual(load('adapter:\n  port: ${PORT}\n  on: ${ON}\n  name: ${NAME}', environment), {
    port: 8080,
    on: true,
    name: '007',
    timeout: 5000,
    list: [],
  });
  assert.deepEqual(complaints('adapter: {port: "${PORT}"}', environment), [
    'podmates.yaml:1:17: adapter.port: expected a number (got "8080")',
  ]);
});

test('a variable that is not set is named, once, with the mend', () => {
  assert.deepEqual(complaints('adapter:\n  timeout: ${GONE}\n'), [
    'podmates.yaml:2:12: adapter.timeout: environment variable GONE is not set; set it, or give a default: ${GONE:-default}',
  ]);
});

test('the variables of other sections need not be set', () => {
  const text = 'adapter: {name: mine}\nlogTail: {state: "${ONLY_IN_LOG_TAIL}"}';
  assert.equal(load(text).name, 'mine');
});

test('every error of a file is said at once, each at its own place', () => {
  const text = `versoin: 1
adapter:
  nam: x
  port: 1.5
  timeout: 5 seconds
  list:
    - value: 1
    - valeu: 2
`;
  assert.deepEqual(complaints(text), [
    'podmates.yaml:1:1: versoin: unknown section; did you mean "version"?',
    'podmates.yaml:4:9: adapter.port: expected a whole number (got 1.5)',
    'podmates.yaml:5:12: adapter.timeout: expected a duration such as 250ms, 5s, 1m or 8h (got "5 seconds")',
    'podmates.yaml:8:7: adapter.list[1].value: missing; expected a number',
    'podmates.yaml:8:7: adapter.list[1].valeu: unknown key; did you mean "value"?',
    'podmates.yaml:3:3: adapter.nam: unknown key; did you mean "name"?',
  ]);
});

test('a bound says of what there is too little or too much', () => {
  const said = (text: string) => complaints(`adapter: {${text}}`)[0]?.replace(/^.*?: adapter/, '');
  assert.equal(
    said('some: []'),
    '.some: expected a list with at least one entry (got an empty list)',
  );
  assert.equal(
    said('some: [a, b, c]'),
    '.some: expected a list with at most 2 entries (got a list)',
  );
  assert.equal(
    said('some: [""]'),
    '.some[0]: expected a text with at least one character (got "")',
  );
  assert.equal(said('few: 1'), '.few: expected a number of at least 2 (got 1)');
  assert.equal(said('few: 5'), '.few: expected a number below 5 (got 5)');
});

test('an error in a merged or aliased map points at where it is written', () => {
  const text = `adapter:
  list:
    - &first {value: one}
    - *first
`;
  assert.deepEqual(complaints(text), [
    'podmates.yaml:3:22: adapter.list[0].value: expected a number (got "one")',
    'podmates.yaml:3:22: adapter.list[1].value: expected a number (got "one")',
  ]);
});

test('a missing section says which ones the file has', () => {
  assert.deepEqual(complaints('logTail:\n'), [
    'podmates.yaml:1:1: no section "adapter:" (the file has logTail); add one, even an empty one',
  ]);
  assert.deepEqual(complaints(''), [
    'podmates.yaml:1:1: no section "adapter:" (the file is empty); add one, even an empty one',
  ]);
});

test('syntax errors say the mend, once a line', () => {
  const cases: Readonly<Record<string, string>> = {
    'adapter:\n\tport: 1': '2:1: indented with a tab; YAML indents with spaces',
    'adapter: {port: 1, port: 2}': '1:20: this key stands here twice; remove one of them',
    'adapter: {port: ${PORT}, on: ${ON}}':
      '1:18: inside { } and [ ], quote a value with a variable: "${NAME}"',
    'adapter: name: x':
      '1:10: a map cannot begin here; quote the text, or mend the indentation of the next line',
    'adapter: *base': '1:10: *base has no &base before it',
    'adapter:\n---\nadapter:': '2:1: a second document; podmates.yaml is one, remove the "---"',
    'adapter: {name: !secret x}': '1:17: unknown tag; quote the value if it is meant as a text',
    'adapter:\n  port: 1\n on: true':
      '3:1: indented unlike the lines around it; keys of one map start in one column',
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(complaints(text), [`podmates.yaml:${expected}`], text);
  }
});

test('aliases that unfold without end are refused, not unfolded', () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const items = Array(9).fill(`*l${level}`).join(', ');
    return `  - &l${level + 1} [${items}]`;
  });
  const [problem = ''] = complaints(`adapter:\n  - &l0 [x]\n${levels.join('\n')}`);
  assert.match(problem, /^podmates\.yaml:1:1: Excessive alias count/);
});

test('Windows line ends do not move places', () => {
  assert.deepEqual(complaints('adapter:\r\n  port: x\r\n'), [
    'podmates.yaml:2:9: adapter.port: expected a number (got "x")',
  ]);
});

test('the JSON Schema describes what is written, not what is parsed', () => {
  const written = toJsonSchema(schema);
  assert.deepEqual(Object.keys(Object(written['properties'])), Object.keys(schema.shape));
  assert.equal(Object(written['properties']).timeout.type, 'string');
  assert.equal(written['required'], undefined, 'what has a default need not be written');
});
