import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMapping } from '../../../sidecars/adapter/map/compile.ts';
import {
  describeFault,
  parseExact,
  parseFast,
  parseMany,
  readDocument,
} from '../../../sidecars/adapter/map/document.ts';
import { createJsonMapper } from '../../../sidecars/adapter/map/mapper.ts';
import { rulesSchema } from '../../../sidecars/adapter/map/schema.ts';
import { run, samples } from '../collect.ts';

test('several documents come one on each line, spread over lines, or without anything between', () => {
  const expected = [{ a: 1 }, { a: '}{' }, [2]];
  assert.deepEqual(parseMany('{"a":1}\n{"a":"}{"}\r\n\n[2]\n', parseFast), expected);
  assert.deepEqual(parseMany('{"a":1}{"a":"}{"}[2]', parseFast), expected);
  assert.deepEqual(parseMany('{\n  "a": 1\n}\n{"a":\n"}{"} [2]', parseFast), expected);
  assert.deepEqual(parseMany('', parseFast), []);
  assert.throws(() => parseMany('{"a":1}\n{"a":}\n', parseFast), /document 2/);
  assert.throws(() => parseMany('{"a":1}\n{"a":', parseFast), /document 2/);
});

test('rules see several documents as the rows of an array', () => {
  const rules = rulesSchema.parse([
    { each: '*', labels: { worker: 'id' }, metrics: [{ gauge: 'jobs', value: 'n' }] },
  ]);
  const mapper = createJsonMapper(compileMapping(rules, { prefix: '', labels: {} }), true);
  const text = '\uFEFF{"id":"a","n":1}\n{"id":"b","n":2}\n';
  const { families } = run(mapper, text, { series: 10, labelLength: 10 });
  assert.deepEqual(samples(families), ['jobs{worker="a"} 1', 'jobs{worker="b"} 2']);
});

test('only integers that a double cannot hold become bigint', () => {
  assert.deepEqual(parseExact('[9007199254740993, 1, 1.5, 1e30, -12345678901234567890]'), [
    9007199254740993n,
    1,
    1.5,
    1e30,
    -12345678901234567890n,
  ]);
});

test('a fault says what is wrong, and nothing that stands in the document', () => {
  const faultOf = (text: string) => {
    try {
      parseFast(text);
    } catch (error) {
      return describeFault(text, error);
    }
    return 'none';
  };
  assert.equal(faultOf(''), 'the document is empty');
  assert.equal(faultOf('<html>'), 'the document is HTML or XML, not JSON');
  assert.match(faultOf('# HELP x X.\n# TYPE x gauge\nx 1\n'), /page of Prometheus.*format: prom/);
  assert.match(faultOf('{"a":1}\n{"a":2}\n'), /several documents; say "format: ndjson"/);
  for (const text of [
    '{"password":s3cret}',
    's3cret',
    '{"a":1} s3cret',
    '["s3cret',
    '{"s3cret"}',
  ]) {
    assert.match(faultOf(text), /^the document is not JSON: /, text);
    assert.doesNotMatch(faultOf(text), /s3cret/, text);
  }
});

test('NaN and Infinity, as Python writes them, are read as null and cost nothing else', () => {
  const read = (text: string, several = false) => readDocument(text, { parse: parseFast, several });
  assert.deepEqual(read('{"a": NaN, "b": [1, -Infinity, Infinity], "c": "NaN \\" NaN"}'), {
    a: null,
    b: [1, null, null],
    c: 'NaN " NaN',
  });
  assert.deepEqual(read('{"a": NaN}\n{"a": 1}\n', true), [{ a: null }, { a: 1 }]);
  assert.throws(() => read('{"a": NaN, "b": s3cret}'), /^SyntaxError: the document is not JSON: /);
  assert.throws(() => read('{"a": NaNs}'), /not JSON/);
  const hostile = `{"NaN": ${'"\\"'.repeat(200_000)}`;
  assert.throws(() => read(hostile), /not JSON/); // in linear time
});
