import assert from 'node:assert/strict';
import { test } from 'node:test';
import { map, openMetrics, page, samples, text } from '../collect.ts';

const document = {
  started_at: '2026-01-02T03:04:05Z',
  version: '1.2.3',
  status: 'UP',
  http: { requests: 1234, 'odd key': 7 },
  phase: 'ready',
  applications: {
    web: { enabled: true, processes: { running: 3 }, pools: [{ name: 'a', errors: 5 }] },
    jobs: {
      enabled: true,
      processes: { running: 1 },
      pools: [{ name: 'b', errors: 0 }, { name: 'c' }],
    },
    old: { enabled: false, processes: { running: 9 }, pools: [] },
  },
  rows: [
    { name: 'cpu', value: '12.5' },
    { name: 'mem', value: '64' },
  ],
};

test('each type writes its samples in both formats', () => {
  const { families, dropped } = map(
    `
- counter: requests_total
  help: Requests served.
  value: http.requests
  since: started_at
- gauge: odd
  help: A key that is no name.
  value: http["odd key"]
- untyped: something
  value: $.http.requests
- info: build_info
  help: What runs.
  labels: { version: version }
- stateset: phase
  help: Where it is.
  value: phase
  states: [starting, ready]
`,
    document,
  );
  assert.deepEqual(dropped, []);
  assert.equal(
    page(families, text),
    `# HELP requests_total Requests served.
# TYPE requests_total counter
requests_total 1234
# HELP odd A key that is no name.
# TYPE odd gauge
odd 7
# HELP something $.http.requests in the document.
# TYPE something untyped
something 1234
# HELP build_info What runs.
# TYPE build_info gauge
build_info{version="1.2.3"} 1
# HELP phase Where it is.
# TYPE phase gauge
phase{phase="starting"} 0
phase{phase="ready"} 1
`,
  );
  assert.equal(
    page(families, openMetrics),
    `# HELP requests Requests served.
# TYPE requests counter
requests_total 1234
requests_created 1767323045
# HELP odd A key that is no name.
# TYPE odd gauge
odd 7
# HELP something $.http.requests in the document.
# TYPE something unknown
something 1234
# HELP build What runs.
# TYPE build info
build_info{version="1.2.3"} 1
# HELP phase Where it is.
# TYPE phase stateset
phase{phase="starting"} 0
phase{phase="ready"} 1
# EOF
`,
  );
});

test('each walks keyed objects and lists, and rows inside keep the labels around them', () => {
  const { families, dropped } = map(
    `
- each: applications.*
  labels: { app: $key }
  where: enabled == true
  metrics:
    - { gauge: processes, value: processes.running }
    - each: pools[*]
      labels: { pool: name, at: $index }
      metrics:
        - { counter: pool_errors_total, value: errors, missing: skip }
`,
    document,
  );
  assert.deepEqual(dropped, []);
  assert.deepEqual(samples(families), [
    'processes{app="web"} 3',
    'processes{app="jobs"} 1',
    'pool_errors_total{app="web",at="0",pool="a"} 5',
    'pool_errors_total{app="jobs",at="0",pool="b"} 0',
  ]);
});

test('a row is found by what is deeper in it, unless a key is called that', () => {
  const cells = [
    { field: { name: 'scur' }, value: 3 },
    { 'field.name': 'odd', field: { name: 'slim' }, value: 4 },
  ];
  const { families } = map(
    `
- { gauge: scur, value: "cells[field.name=scur].value" }
- { gauge: odd, value: "cells[field.name=odd].value" }
- { gauge: slim, value: "cells[field.name=slim].value" }
`,
    { cells },
  );
  assert.deepEqual(samples(families), ['scur 3', 'odd 4']);
});

test('a row is found by what it is called, text is read as a number where asked', () => {
  const { families, dropped } = map(
    `
- { gauge: cpu, value: "rows[name=cpu].value", as: number }
- { gauge: mem, value: 'rows[1].value', as: number, scale: 2 }
- { gauge: last, value: "rows[-1].value" }
- { gauge: none, value: "rows[name=disk].value", missing: zero }
- { gauge: complain, value: nowhere, missing: error }
- { gauge: up, value: status, map: { UP: 1, DOWN: 0 } }
- { gauge: minor, value: version, regex: '^\\d+\\.(\\d+)' }
- { gauge: one, value: 1 }
`,
    document,
  );
  assert.deepEqual(samples(families), [
    'cpu 12.5',
    'mem 128',
    'none 0',
    'up 1',
    'minor 2',
    'one 1',
  ]);
  assert.deepEqual(
    dropped.map(({ reason, metric }) => `${reason} ${metric}`),
    ['not_a_number last', 'missing complain'],
  );
});

test('labels are paths, text with values in it, or mapped', () => {
  const { families } = map(
    `
- gauge: x
  value: 1
  labels:
    fixed: =prod
    greeting: '=planet-{version}-{{x}}'
    missing: nowhere
    major: { value: version, regex: '^\\d+' }
    state: { value: status, map: { UP: up, default: other } }
`,
    document,
  );
  assert.deepEqual(samples(families), [
    'x{fixed="prod",greeting="planet-1.2.3-{x}",major="1",state="up"} 1',
  ]);
});

test('a row without a label falls away quietly or with a complaint, as wanted', () => {
  const rows = [{ id: 'a', n: 1 }, { n: 2 }];
  const rules = (missing: string) => `
- each: "*"
  labels: { id: { value: id, missing: ${missing} } }
  metrics: [{ gauge: n, value: n }]
`;
  assert.deepEqual(samples(map(rules('empty'), rows).families), ['n{id="a"} 1', 'n 2']);
  const skipped = map(rules('skip'), rows);
  assert.deepEqual(samples(skipped.families), ['n{id="a"} 1']);
  assert.deepEqual(
    skipped.dropped.map(({ quiet }) => quiet),
    [true],
  );
  const told = map(rules('error'), rows);
  assert.deepEqual(
    told.dropped.map(({ reason, quiet }) => [reason, quiet]),
    [['missing', false]],
  );
});

test('duplicates are dropped, added up or the largest is taken', () => {
  const rows = [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'a', n: 5 },
    { id: 'a', n: 3 },
  ];
  const rules = (how: string) => `
- each: "*"
  labels: { id: id }
  onDuplicate: ${how}
  metrics: [{ gauge: n, value: n }]
`;
  const of = (how: string) => map(rules(how), rows);
  assert.deepEqual(samples(of('error').families), ['n{id="a"} 1', 'n{id="b"} 2']);
  assert.deepEqual(
    of('error').dropped.map(({ quiet }) => quiet),
    [false, false],
  );
  assert.deepEqual(
    of('drop').dropped.map(({ quiet }) => quiet),
    [true, true],
  );
  assert.deepEqual(samples(of('sum').families), ['n{id="a"} 9', 'n{id="b"} 2']);
  assert.deepEqual(samples(of('max').families), ['n{id="a"} 5', 'n{id="b"} 2']);
  assert.deepEqual(of('sum').dropped, []);
});

test('the same labels in another order are the same series', () => {
  const { families, dropped } = map(
    `
- { gauge: n, value: 1, labels: { a: =x, b: =y } }
- { gauge: n, value: 2, labels: { b: =y, a: =x } }
`,
    {},
  );
  assert.deepEqual(samples(families), ['n{a="x",b="y"} 1']);
  assert.deepEqual(
    dropped.map(({ reason }) => reason),
    ['duplicate'],
  );
});

test('an integer that a double cannot hold keeps its digits in a label', () => {
  const json = '{"id": 12345678901234567890, "neg": -9007199254740993, "n": 9007199254740993}';
  const { families } = map('- { gauge: n, value: n, labels: { id: id, neg: neg } }', json);
  assert.deepEqual(samples(families), [
    'n{id="12345678901234567890",neg="-9007199254740993"} 9007199254740992',
  ]);
});

test('numbers stand in labels without exponent', () => {
  const { families } = map(
    '- { gauge: n, value: 1, labels: { big: a, small: b, half: c, yes: d } }',
    '{"a": 1e21, "b": 1.5e-7, "c": 0.5, "d": true}',
  );
  assert.deepEqual(samples(families), [
    'n{big="1000000000000000000000",half="0.5",small="0.00000015",yes="true"} 1',
  ]);
});

test('what a document lacks is not found in what JavaScript objects have', () => {
  const { families } = map(
    `
- { gauge: a, value: constructor.name.length }
- { gauge: b, value: toString.length }
- { gauge: c, value: __proto__.x }
- { gauge: d, value: list.length }
- { gauge: e, value: hasOwnProperty }
`,
    '{"__proto__": {"x": 3}, "hasOwnProperty": 4, "list": [1, 2]}',
  );
  assert.deepEqual(samples(families), ['c 3', 'e 4']);
});

test('null, "" and absent are all missing; huge numbers and lists are dropped with their reason', () => {
  const { families, dropped } = map(
    `
- { gauge: a, value: a }
- { gauge: b, value: b }
- { gauge: c, value: c }
- { gauge: d, value: d }
- { counter: e_total, value: e }
`,
    '{"a": null, "b": "", "c": 1e400, "d": [1], "e": -1}',
  );
  assert.deepEqual(families, []);
  assert.deepEqual(
    dropped.map(({ reason, metric }) => `${reason} ${metric}`),
    ['not_finite c', 'not_a_number d', 'negative e_total'],
  );
});

test('jsonpath: selects values and rows; the key of a row is the last step of its place', () => {
  const { families } = map(
    `
- gauge: cheap
  value: { jsonpath: "$.store[?@.price < 5].price" }
- each: { jsonpath: "$..pools[*]" }
  labels: { pool: name, at: $key }
  metrics:
    - { gauge: pool_errors, value: errors }
`,
    { ...document, store: [{ price: 8 }, { price: 4 }] },
  );
  assert.deepEqual(samples(families), [
    'cheap 4',
    'pool_errors{at="0",pool="a"} 5',
    'pool_errors{at="0",pool="b"} 0',
  ]);
});

test('limits bound how much comes onto the page', () => {
  const rows = Array.from({ length: 10 }, (_, id) => ({ id, long: 'x'.repeat(id * 10) }));
  const more = '  limits: { series: 3, labelLength: 20 }\n';
  const { families, dropped } = map(
    '- { each: "*", labels: { long: long, id: id }, metrics: [{ gauge: n, value: id }] }',
    rows,
    more,
  );
  assert.equal(samples(families).length, 3);
  const reasons = dropped.map(({ reason }) => reason);
  assert.deepEqual(new Set(reasons), new Set(['label_too_long']));
  const short = map(
    '- { each: "*", labels: { id: id }, metrics: [{ gauge: n, value: id }] }',
    rows,
    more,
  );
  assert.deepEqual(new Set(short.dropped.map(({ reason }) => reason)), new Set(['series_limit']));
});

test('what is dropped is told with what was found and how to mend it', () => {
  const { dropped } = map(
    `
- { gauge: text, value: text }
- { gauge: date, value: date, as: date }
- { gauge: size, value: text, as: bytes }
- { counter: below_total, value: below }
- { counter: born_total, value: n, since: date }
- { histogram: fallen, buckets: fallen }
- { histogram: odd, buckets: rising, sum: text, count: list }
`,
    {
      text: '7',
      date: '2026-01-02 03:04:05',
      below: -5,
      n: 1,
      fallen: { 1: 5, 2: 3 },
      rising: { 1: 5 },
      list: [1],
    },
  );
  assert.deepEqual(
    dropped.map(({ reason, metric, detail }) => `${reason} ${metric}: ${detail}`),
    [
      'not_a_number text: "7" is text; it is read with as, map or regex',
      'not_a_number date: "2026-01-02 03:04:05" is no date with a zone; timeZone of the source is that of dates without',
      'negative below_total: -5 {}',
      'not_a_number born_total: since is "2026-01-02 03:04:05", not a date with a zone',
      'bad_buckets fallen: counts of cumulative buckets never fall, as at 2 from 5 to 3 {}',
      'not_a_number odd: count is a list, not a number',
    ],
  );
});
