import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeFamilies } from '../../../sidecars/adapter/publish/merge.ts';
import { writePage } from '../../../sidecars/adapter/publish/write.ts';
import { map, openMetrics, readStrictly, text } from '../collect.ts';

const of = (metrics: string) => map(metrics, {}).families;

test('sources that tell of the same metric make one family', () => {
  const { pages, conflicts } = mergeFamilies(
    [
      { source: 'one', families: of('- { gauge: x, value: 1, help: First., labels: { a: =1 } }') },
      { source: 'two', families: of('- { gauge: x, value: 2, help: Second., labels: { a: =2 } }') },
    ],
    'underscores',
  );
  assert.deepEqual(conflicts, []);
  assert.equal(writePage(pages, text), '# HELP x First.\n# TYPE x gauge\nx{a="1"} 1\nx{a="2"} 2\n');
});

test('the first one keeps its place: later types, samples and points that clash are told', () => {
  const { pages, conflicts } = mergeFamilies(
    [
      { source: 'one', families: of('- { gauge: x, value: 1 }\n- { gauge: h_count, value: 1 }') },
      { source: 'two', families: of('- { untyped: x, value: 2 }\n- { histogram: h, buckets: b }') },
      { source: 'three', families: of('- { gauge: x, value: 3 }') },
      { source: 'four', families: map('- { histogram: h, buckets: b }', { b: { 1: 1 } }).families },
    ],
    'underscores',
  );
  assert.deepEqual(
    conflicts.map(({ source, metric, reason, samples }) => [source, metric, reason, samples]),
    [
      ['two', 'x', 'conflict', 0],
      ['two', 'x', 'duplicate', 1],
      ['three', 'x', 'conflict', 0],
      ['three', 'x', 'duplicate', 1],
      ['four', 'h', 'conflict', 1],
    ],
  );
  assert.deepEqual(readStrictly(writePage(pages, text), false).faults, []);
});

test('two names that one scheme makes one are one family in it', () => {
  const families = of('- { gauge: a.b, value: 1 }\n- { gauge: a_b, value: 2, labels: { c: =x } }');
  const apart = mergeFamilies([{ source: 'one', families }], 'allow-utf-8');
  assert.equal(apart.pages.length, 2);
  const joined = mergeFamilies([{ source: 'one', families }], 'underscores');
  assert.equal(joined.pages.length, 1);
  assert.deepEqual(readStrictly(writePage(joined.pages, text), false).faults, []);
});

test('in OpenMetrics a counter whose bare name is taken stands as unknown, and keeps its name', () => {
  const families = of('- { counter: x_total, value: 1 }\n- { gauge: x, value: 2 }');
  const { pages } = mergeFamilies([{ source: 'one', families }], 'underscores');
  const page = writePage(pages, openMetrics);
  assert.match(page, /# TYPE x_total unknown\nx_total 1\n/);
  assert.deepEqual(readStrictly(page, true).faults, []);
});

test('numbers of one name that two sources call differently stand together as unknown', () => {
  const { pages, conflicts } = mergeFamilies(
    [
      { source: 'one', families: of('- { gauge: x_total, value: 1, labels: { a: =1 } }') },
      { source: 'two', families: of('- { counter: x_total, value: 2, labels: { a: =2 } }') },
    ],
    'underscores',
  );
  assert.match(
    writePage(pages, text),
    /# TYPE x_total untyped\nx_total\{a="1"\} 1\nx_total\{a="2"\} 2\n/,
  );
  assert.deepEqual(
    conflicts.map(({ reason, samples }) => [reason, samples]),
    [['conflict', 0]],
  );
  assert.deepEqual(readStrictly(writePage(pages, openMetrics), true).faults, []);
});
