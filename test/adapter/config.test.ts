import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, formatProblem } from '../../sidecars/core/errors.ts';
import { readAdapter, withMetrics } from './collect.ts';

function problems(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

const place = (text: string) =>
  text.replace(/^test\.yaml:(\d+):(\d+): adapter\.sources\.app\./, '');

test('each mistake in the rules is told with its place and the mend', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      '- { counter: requests, value: n }',
      'metrics[0].counter: the name of a counter ends in "_total"; add it, or use untyped: to keep the name',
    ],
    [
      '- { info: build, labels: { v: v } }',
      'metrics[0].info: the name of an info ends in "_info"; add it, or use gauge: with value: 1',
    ],
    [
      '- { gauge: x, value: "a.*" }',
      'metrics[0].value: a "*" matches many values, and one is wanted; put the rule under each:',
    ],
    [
      '- { each: apps, metrics: [{ gauge: x, value: n }] }',
      'metrics[0].each: each visits what a "*" matches; write it as rows.* or rows[*]',
    ],
    [
      '- { gauge: x, value: $key }',
      'metrics[0].value: $key is that of a row; put the rule under each:',
    ],
    [
      "- { gauge: x, value: n, labels: { a: '=x-{$index}' } }",
      'metrics[0].labels.a: $index is that of a row; put the rule under each:',
    ],
    [
      '- { gauge: x, value: n, where: "$key == 1" }',
      'metrics[0].where: $key is that of a row; put the rule under each:',
    ],
    ['- { gauge: x, value: n }\n- { counter: x, value: n }', ''],
    [
      '- { gauge: x_total, value: n }\n- { counter: x_total, value: n }',
      'metrics[1].counter: x_total belongs to the gauge x_total already; call one of them otherwise',
    ],
    [
      '- { histogram: x, buckets: b }\n- { gauge: x_count, value: n }',
      'metrics[1].gauge: x_count belongs to the histogram x already; call one of them otherwise',
    ],
    [
      '- { histogram: x, buckets: b, labels: { le: a } }',
      'metrics[0].labels.le: a histogram gives this label to its series itself; call it otherwise',
    ],
    [
      '- { gauge: x_ms, value: n, unit: seconds }',
      'metrics[0].unit: the name ends in the unit: call the metric x_ms_seconds',
    ],
    [
      '- { info: x_info, onDuplicate: sum }',
      'metrics[0].onDuplicate: of two info points there is no sum; expected error or drop',
    ],
    [
      '- { gauge: x, value: 1, as: bool }',
      'metrics[0].as: a constant is a number already; remove this',
    ],
    [
      '- { gauge: x, value: n, where: "n = 1" }',
      'metrics[0].where: cannot read "= 1" (in "n = 1")',
    ],
    ["- { gauge: x, value: n, regex: '(' }", 'metrics[0].regex: not a pattern in RE2 syntax'],
    [
      "- { gauge: x, value: { jsonpath: 'a.b' } }",
      'metrics[0].value.jsonpath: not an RFC 9535 query',
    ],
    [
      '- { gauge: x, value: n, as: duraton }',
      'metrics[0].as: unknown value (got "duraton"); did you mean "duration"?',
    ],
    ['- { gauge: x, value: n, sacle: 2 }', 'metrics[0].sacle: unknown key; did you mean "scale"?'],
    ['- { gauge: x, value: n, labels: { __a: b } }', 'metrics[0].labels.__a: not a label name'],
    ['- { gauge: x, value: "a..b" }', 'metrics[0].value: cannot read the path from "..b"'],
    [
      '- { gauge: x, counter: x_total, value: n }',
      'metrics[0]: counter and gauge exclude each other; make two rules of them',
    ],
    ['- { guage: x, value: n }', 'metrics[0]: unknown key "guage"; did you mean "gauge"?'],
    ['- { value: n }', 'metrics[0]: does not say what it makes; add one of counter, gauge,'],
    [
      '- { histogram: x, buckets: b, value: n }',
      'metrics[0].value: does not go together with the other keys here',
    ],
    ['- { histogram: x, value: n }', 'metrics[0].buckets: missing; expected a path such as a.b'],
    [
      '- { summary: x, quantiles: { "2": n } }',
      'metrics[0].quantiles.2: not a quantile, which is a number from 0 to 1 such as 0.99',
    ],
    ['- { summary: x }', 'metrics[0].summary: a summary of nothing; add quantiles, sum or count'],
    ['- { gauge: x, value: "=5" }', 'metrics[0].value: a path does not begin with "="'],
    [
      '- { gauge: x, value: n, labels: { a: "={b" } }',
      'metrics[0].labels.a: a lone "{"; write it twice to mean itself',
    ],
    [
      '- { gauge: x, value: n, labels: { a: "={b.*}" } }',
      'metrics[0].labels.a: "b.*" matches many values, and one is wanted',
    ],
    [
      '- { stateset: x, value: n, states: [] }',
      'metrics[0].states: expected a list with at least one entry (got an empty list)',
    ],
    [
      '- { stateset: x, value: n, states: [a, b, a] }',
      'metrics[0].states: a state stands in the list twice',
    ],
    [
      '- { gauge: x, value: n, labels: { a: 5 } }',
      'metrics[0].labels.a: expected a path such as a.b; a text that stands for itself is "=5"',
    ],
    [
      '- { gauge: x, value: [n] }',
      'metrics[0].value: expected a path such as a.b or {jsonpath: $.a.b} or a number (got a list)',
    ],
    [
      `- { gauge: x, value: n, where: 'a =~ "("' }`,
      'metrics[0].where: not a pattern in RE2 syntax',
    ],
    [
      '- { gauge: x, value: n, where: "a.* == 1" }',
      'metrics[0].where: "a.*" matches many values, and one is wanted',
    ],
    ['- { gauge: x, value: n, scale: 0 }', 'metrics[0].scale: a scale of 0 makes everything 0'],
  ];
  for (const [metrics, expected] of cases) {
    const [first = ''] = problems(() => withMetrics(metrics)).map(place);
    if (expected !== '') assert.equal(first.slice(0, expected.length), expected, metrics);
    else assert.match(first, /ends in "_total"/, metrics);
  }
});

test('sources say what excludes each other, and names are compared across them', () => {
  const source = (text: string) =>
    problems(() => readAdapter(`adapter:\n  sources:\n    app: ${text}\n`)).map(place);
  assert.match(
    source('{ url: "http://a/", file: b, metrics: [{ gauge: x, value: n }] }').join(),
    /exclude/,
  );
  assert.match(
    source('{ metrics: [{ gauge: x, value: n }] }').join(),
    /missing; a source has a url/,
  );
  assert.match(
    source('{ url: "http://a/", format: prometheus, metrics: [{ gauge: x, value: n }] }').join(),
    /has its metrics already/,
  );
  assert.match(
    source('{ url: "http://a/", body: x, metrics: [{ gauge: x, value: n }] }').join(),
    /method: POST/,
  );
  assert.match(
    source('{ url: "http://u:p@a/", metrics: [{ gauge: x, value: n }] }').join(),
    /credentials/,
  );
  assert.match(
    source(
      '{ url: "http://a/", auth: { bearer: { env: A }, apiKey: { header: b, value: { env: A } } } }',
    ).join(),
    /auth\.apiKey: does not go together/,
  );
  assert.match(
    source('{ url: "http://a/", headers: { "a b": c } }').join(),
    /headers\["a b"\]: not the name of a header/,
  );
  assert.match(
    source('{ url: "http://a/", headers: { a: "b\\nc" } }').join(),
    /headers\.a: a header is text on one line/,
  );
  const idle: readonly (readonly [string, string])[] = [
    ['{ url: "http://a/", options: { a: 1 } }', 'options: options go to a module'],
    ['{ url: "http://a/", timeZone: UTC }', 'timeZone: it is that of dates that metrics: read'],
    ['{ file: a, tls: { ca: b } }', 'tls: there is no url to ask with it'],
    ['{ file: a, headers: { a: b } }', 'headers: there is no url to ask with it'],
    ['{ module: a, method: POST, body: b }', 'body: there is no url to ask with it'],
    ['{ file: a, followRedirects: true }', 'followRedirects: there is no url to ask with it'],
    [
      '{ url: "http://a/", timeZone: Mars, metrics: [{ gauge: x, value: n }] }',
      'timeZone: not a time zone such as UTC, Europe/Berlin or +02:00',
    ],
  ];
  for (const [text, expected] of idle) {
    assert.equal(source(text)[0]?.slice(0, expected.length), expected, text);
  }
  const two = problems(() =>
    readAdapter(`adapter:
  sources:
    one: { file: a, metrics: [{ gauge: x, value: n }] }
    two: { file: b, metrics: [{ untyped: x, value: n }] }
    three: { file: c, prefix: other_, metrics: [{ untyped: x, value: n }] }
`),
  );
  assert.deepEqual(two, [
    'test.yaml:4:42: adapter.sources.two.metrics[0].untyped: x belongs to the gauge x already; call one of them otherwise',
  ]);
  const fixed = problems(() =>
    readAdapter(`adapter:
  sources:
    one: { file: a, labels: { env: x }, metrics: [{ gauge: x, value: n, labels: { env: e } }] }
`),
  );
  assert.match(fixed.join(), /the source gives this label to everything/);
});
