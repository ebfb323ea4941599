import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintPage } from '../../../../sidecars/adapter/index.ts';

const family = (name: string, type = 'gauge', help = 'Help.') =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

/** Pages with what is wrong about them: severity, line and the beginning of the message. */
const cases: readonly [string, string, readonly string[]][] = [
  ['a good page', `${family('a_total', 'counter')}a_total{x="1"} 1\na_total{x="2"} 2\n`, []],
  [
    'a sample twice',
    `${family('a')}a{x="1",y="2"} 1\na{y="2",x="1"} 2\n`,
    ['error 4 the same sample stands at line 3'],
  ],
  [
    'a split family',
    `${family('a')}a{x="1"} 1\n${family('b')}b 1\na{x="2"} 1\n`,
    ['error 7 the family goes on here'],
  ],
  ['a line that is none', `${family('a')}a{x=1} 1\n`, ['error 3 Prometheus refuses the page']],
  ['no line end', `${family('a')}a 1`, ['error 3 no line end']],
  ['TYPE behind samples', '# HELP a Help.\na 1\n# TYPE a gauge\n', ['error 3 TYPE stands behind']],
  ['no help', '# TYPE a gauge\na 1\n', ['warning 1 no help text']],
  [
    'a counter without _total',
    `${family('a', 'counter')}a 1\n`,
    ['warning 1 counter metrics should have'],
  ],
  ['a gauge with _total', `${family('a_total')}a_total 1\n`, ['warning 1 non-counter metrics']],
  [
    'a gauge with _count',
    `${family('a_count')}a_count 1\n`,
    ['warning 1 a gauge should not have the suffix'],
  ],
  ['units that are none', `${family('a_hours')}a_hours 1\n`, ['warning 1 use base unit "seconds"']],
  [
    'prefixed units',
    `${family('a_milliseconds')}a_milliseconds 1\n`,
    ['warning 1 use base unit "seconds"'],
  ],
  [
    'abbreviated units',
    `${family('a_ms')}a_ms 1\n`,
    ['warning 1 metric names should not contain abbreviated'],
  ],
  [
    'the type in the name',
    `${family('a_gauge')}a_gauge 1\n`,
    ['warning 1 metric name should not include type'],
  ],
  [
    'camel case',
    `${family('aB')}aB{cD="1"} 1\n`,
    ['warning 1 metric names should be written', 'warning 1 label names should be'],
  ],
  [
    'le on a gauge',
    `${family('a')}a{le="1"} 1\n`,
    ['warning 1 a gauge should not have the label "le"'],
  ],
  [
    'a negative counter',
    `${family('a_total', 'counter')}a_total -1\n`,
    ['warning 1 a counter is never -1'],
  ],
  [
    'a label that Prometheus takes',
    `${family('a')}a{job="x"} 1\n`,
    ['warning 1 Prometheus renames the label "job"'],
  ],
  ['a histogram', `${family('a', 'histogram')}a_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n`, []],
];

for (const [what, page, expected] of cases) {
  test(`lint: ${what}`, () => {
    const found = lintPage(page).map(
      ({ severity, line, message }) => `${severity} ${line} ${message}`,
    );
    assert.equal(found.length, expected.length, found.join('\n'));
    for (const [place, wanted] of expected.entries()) {
      assert.ok(found[place]?.startsWith(wanted) === true, found[place] ?? 'nothing');
    }
  });
}
