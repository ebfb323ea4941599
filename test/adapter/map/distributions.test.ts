import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCollector } from '../../../sidecars/adapter/map/collector.ts';
import { createWriter } from '../../../sidecars/adapter/map/writer.ts';
import { map, openMetrics, samples } from '../collect.ts';

test('buckets that each count for themselves become cumulative, with +Inf', () => {
  const { families } = map(
    `
- histogram: request_duration_seconds
  buckets: latency.buckets
  cumulative: false
  scale: 0.001
  sum: latency.total_ms
  count: latency.n
`,
    { latency: { buckets: { 100: 3, 5: 1, 250: 2 }, total_ms: 900, n: 7 } },
  );
  assert.deepEqual(samples(families), [
    'request_duration_seconds_bucket{le="0.005"} 1',
    'request_duration_seconds_bucket{le="0.1"} 4',
    'request_duration_seconds_bucket{le="0.25"} 6',
    'request_duration_seconds_bucket{le="+Inf"} 7',
    'request_duration_seconds_sum 0.9',
    'request_duration_seconds_count 7',
  ]);
  assert.deepEqual(samples(families, openMetrics), samples(families));
});

test('buckets come as pairs or rows too; OpenMetrics writes whole bounds as floats', () => {
  const rule = '- { histogram: h, buckets: b, labels: { a: =x } }';
  const expected = ['h_bucket{a="x",le="1"} 2', 'h_bucket{a="x",le="+Inf"} 5'];
  for (const b of [
    [
      [1, 2],
      ['+Inf', 5],
    ],
    [
      { le: 1, count: 2 },
      { le: 'Infinity', count: 5 },
    ],
    { '<=1': 2, inf: 5 },
    { le_1: '2', '+Inf': '5' },
  ]) {
    assert.deepEqual(samples(map(rule, { b }).families), expected);
  }
  const { families } = map(rule, { b: [[1, 2]] });
  assert.deepEqual(samples(families, openMetrics), [
    'h_bucket{a="x",le="1.0"} 2',
    'h_bucket{a="x",le="+Inf"} 2',
  ]);
});

test('buckets that are none are dropped whole', () => {
  for (const b of [
    { x: 1 },
    { 1: 5, 2: 3 },
    [
      [1, 2],
      [1, 3],
    ],
    [[1, -1]],
    [[1, 'many']],
    7,
    [null, {}],
    [[1, '1e400']],
  ]) {
    const { families, dropped } = map('- { histogram: h, buckets: b }', { b });
    assert.deepEqual(families, [], JSON.stringify(b));
    assert.deepEqual(
      dropped.map(({ reason }) => reason),
      ['bad_buckets'],
      JSON.stringify(b),
    );
  }
});

test('percentiles become a summary, however their keys are spelled', () => {
  const rule = '- { summary: s, quantiles: q, sum: sum, count: n, scale: 0.5 }';
  const expected = ['s{quantile="0.5"} 1', 's{quantile="0.999"} 2', 's_sum 5', 's_count 3'];
  for (const q of [
    { p50: 2, p999: 4 },
    { '0.5': 2, '0.999': 4 },
    [
      [50, 2],
      [999, 4],
    ],
    { '50%': 2, '99.9%': 4 },
    { median: 2, '99.9th': 4 },
    [
      { percentile: 50, value: 2 },
      { percentile: 99.9, value: 4 },
    ],
  ]) {
    assert.deepEqual(
      samples(map(rule, { q, sum: 10, n: 3 }).families),
      expected,
      JSON.stringify(q),
    );
  }
  const { families } = map('- { summary: s, quantiles: { "0.5": a, "0.9": b, "0.99": nowhere } }', {
    a: 1,
    b: 2,
  });
  assert.deepEqual(samples(families), ['s{quantile="0.5"} 1', 's{quantile="0.9"} 2']);
});

test('histograms with the same labels add up when their bounds agree', () => {
  const rows = [{ b: { 1: 1, 2: 2 } }, { b: { 1: 4, 2: 5 } }];
  const { families } = map(
    '- { each: "*", onDuplicate: sum, metrics: [{ histogram: h, buckets: b }] }',
    rows,
  );
  assert.deepEqual(samples(families), [
    'h_bucket{le="1"} 5',
    'h_bucket{le="2"} 7',
    'h_bucket{le="+Inf"} 7',
  ]);
});

test('a state that is not listed is told, a list or a map of states is read', () => {
  const rule = '- { stateset: s, value: v, states: [a, b] }';
  assert.deepEqual(samples(map(rule, { v: ['b'] }).families), ['s{s="a"} 0', 's{s="b"} 1']);
  assert.deepEqual(samples(map(rule, { v: { a: true, b: false } }).families), [
    's{s="a"} 1',
    's{s="b"} 0',
  ]);
  const odd = map(rule, { v: 'c' });
  assert.deepEqual(samples(odd.families), ['s{s="a"} 0', 's{s="b"} 0']);
  assert.deepEqual(
    odd.dropped.map(({ reason }) => reason),
    ['unknown_state'],
  );
});

test('a state that is not listed is the other one, where the config names it', () => {
  const rule = '- { stateset: s, value: v, states: [a, b], other: unknown }';
  for (const [state, expected] of [
    ['c', ['s{s="a"} 0', 's{s="b"} 0', 's{s="unknown"} 1']],
    ['a', ['s{s="a"} 1', 's{s="b"} 0', 's{s="unknown"} 0']],
  ] as const) {
    const { families, dropped } = map(rule, { v: state });
    assert.deepEqual(samples(families), expected);
    assert.deepEqual(dropped, []);
  }
});

test('nothing comes twice: neither a quantile nor a state', () => {
  const { families } = map('- { summary: s, quantiles: q }', { q: { p50: 1, median: 2, p99: 3 } });
  assert.deepEqual(samples(families), ['s{quantile="0.5"} 1', 's{quantile="0.99"} 3']);
  const dropped: string[] = [];
  const collector = createCollector({
    series: 100,
    labelLength: 100,
    onDrop: ({ reason, metric }) => dropped.push(`${reason} ${metric}`),
  });
  const metrics = createWriter(collector, { prefix: '', labels: {} });
  const wait = metrics.summary('wait_seconds');
  wait.add({
    quantiles: [
      [0.5, 1],
      [0.5, 2],
    ],
  });
  wait.add({ quantiles: [[5, 1]] });
  wait.add({ count: -1 });
  wait.add({ quantiles: [[0.5, 1]], count: 2 }, { good: true });
  metrics.stateset('phase', ['a', 'a'], 'a');
  assert.deepEqual(dropped, [
    'bad_quantiles wait_seconds',
    'bad_quantiles wait_seconds',
    'negative wait_seconds',
    'duplicate phase',
  ]);
  assert.deepEqual(samples(collector.families()), [
    'wait_seconds{good="true",quantile="0.5"} 1',
    'wait_seconds_count{good="true"} 2',
  ]);
});
