import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { deliver } from '../delivery-harness.ts';

const file = { file: { path: '/dev/null' } };
const line = (fields: Record<string, unknown>) => `${JSON.stringify(fields)}\n`;

test('counters, gauges and histograms by condition, value, scale and labels', async (t) => {
  const { give, metrics } = await deliver(t, {
    metrics: {
      app_lines_total: { type: 'counter', help: 'Lines\\by\nlevel.', labels: ['level'] },
      app_errors_total: { type: 'counter', when: 'status >= 500' },
      app_bytes_total: { type: 'counter', value: 'bytes', scale: 2 },
      app_queue: { type: 'gauge', value: 'queue.length', labels: { queue: 'queue.name' } },
      app_seconds: {
        type: 'histogram',
        value: 'ms',
        scale: 0.001,
        labels: ['status'],
        buckets: [0.1, 1],
      },
    },
    outputs: file,
  });
  give(line({ level: 'info', status: 200, ms: 100, bytes: 5 }));
  give(
    line({ level: 'info', status: 200, ms: 101, bytes: -3, queue: { name: 'a"\n', length: 4 } }),
  );
  give(
    line({
      level: 'error',
      status: 500,
      ms: '5000',
      bytes: 'x',
      queue: { name: 'a"\n', length: 2 },
    }),
  );
  give('plain\n');
  const page = await metrics.render();
  const expected = `# HELP app_lines_total Lines\\\\by\\nlevel.
# TYPE app_lines_total counter
app_lines_total{level="info"} 2
app_lines_total{level="error"} 1
app_lines_total{level=""} 1
# HELP app_errors_total Made from log lines.
# TYPE app_errors_total counter
app_errors_total 1
# HELP app_bytes_total Made from log lines.
# TYPE app_bytes_total counter
app_bytes_total 10
# HELP app_queue Made from log lines.
# TYPE app_queue gauge
app_queue{queue="a\\"\\n"} 2
# HELP app_seconds Made from log lines.
# TYPE app_seconds histogram
app_seconds_bucket{status="200",le="0.1"} 1
app_seconds_bucket{status="200",le="1"} 2
app_seconds_bucket{status="200",le="+Inf"} 2
app_seconds_sum{status="200"} 0.201
app_seconds_count{status="200"} 2
app_seconds_bucket{status="500",le="0.1"} 0
app_seconds_bucket{status="500",le="1"} 0
app_seconds_bucket{status="500",le="+Inf"} 1
app_seconds_sum{status="500"} 5
app_seconds_count{status="500"} 1
`;
  assert.equal(page.slice(page.indexOf('# HELP app_lines_total')), expected);
});

test('a pattern picks lines, and its groups are values, labels and conditions', async (t) => {
  const { give, metric } = await deliver(t, {
    metrics: {
      http_requests_total: {
        type: 'counter',
        match: '"(?<method>\\w+) (?<path>/[^/? "]*)[^"]*" (?<class>\\d)\\d\\d (?<bytes>\\d+)',
        when: 'method != "HEAD" and input != "x"',
        labels: { method: 'method', path: 'path', class: 'class' },
      },
      http_bytes_total: { type: 'counter', match: ' (?<bytes>\\d+)$', value: 'bytes' },
    },
    outputs: file,
  });
  give('"GET /a/b?c HTTP/1.1" 200 10\n"GET /a HTTP/1.1" 204 1\n"HEAD /a HTTP/1.1" 200 7\nnone\n');
  const labels = { method: 'GET', path: '/a', class: '2' };
  assert.equal(await metric('http_requests_total', labels), 2);
  assert.equal(await metric('http_requests_total'), 2);
  assert.equal(await metric('http_bytes_total'), 18);
});

test('series beyond the bound are dropped and counted; idle ones make room', async (t) => {
  const { give, metric, metrics } = await deliver(t, {
    metrics: {
      app_users_total: { type: 'counter', labels: ['user'], maxSeries: 3, expire: '2s' },
    },
    outputs: file,
  });
  for (let user = 0; user < 10; user += 1) give(line({ user }));
  assert.equal(await metric('app_users_total'), 3);
  const dropped = { metric: 'app_users_total' };
  assert.equal(await metric('podmates_log_tail_metric_dropped_records_total', dropped), 7);
  await awaitUntil(
    async () => {
      give(line({ user: 11 }));
      return (await metrics.render()).includes('user="11"');
    },
    { what: 'there is room again' },
  );
  assert.equal(await metric('app_users_total', { user: '11' }), 1);
  assert.ok(!(await metrics.render()).includes('user="0"'));
});

test('a reload goes on counting what did not change', async (t) => {
  const kept = { type: 'counter', when: 'a == 1' };
  const section = {
    metrics: { kept_total: kept, changed_total: { type: 'counter' } },
    outputs: file,
  };
  const { give, metric, reload } = await deliver(t, section);
  give(line({ a: 1 }));
  await reload({
    ...section,
    metrics: { kept_total: kept, changed_total: { type: 'counter', help: 'x' }, new_total: kept },
  });
  give(line({ a: 1 }));
  assert.equal(await metric('kept_total'), 2);
  assert.equal(await metric('changed_total'), 1);
  assert.equal(await metric('new_total'), 1);
});

test('metrics count what the steps let pass', async (t) => {
  const { give, metric } = await deliver(t, {
    steps: [{ drop: 'level == "debug"' }, { add: { zone: 'z' } }],
    metrics: { app_lines_total: { type: 'counter', labels: ['zone'] } },
    outputs: file,
  });
  give(line({ level: 'debug' }) + line({ level: 'info' }));
  assert.equal(await metric('app_lines_total', { zone: 'z' }), 1);
});

test('a number that is too large to be one ends no counter and no sum', async (t) => {
  const { give, metrics } = await deliver(t, {
    metrics: {
      bytes_total: { type: 'counter', value: 'n' },
      seconds: { type: 'histogram', value: 'n', buckets: [1] },
    },
    outputs: { file: { path: '/dev/null' } },
  });
  give('{"n":1}\n{"n":1e999}\n{"n":-1e999}\n{"n":2}\n');
  const page = await metrics.render();
  for (const line of ['bytes_total 3', 'seconds_sum 3', 'seconds_count 2']) {
    assert.ok(page.split('\n').includes(line), line);
  }
});
