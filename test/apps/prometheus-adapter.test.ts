import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { makeStats } from '../bench/stats-document.ts';
import { startContainer } from '../container-process.ts';
import { checkMetrics, startPrometheus } from './prometheus.ts';

test('Prometheus scrapes a running adapter: 10,000 series of JSON, a joined page, and a source that is down', async (context) => {
  const stats = makeStats(2500);
  const other = `# HELP other_requests_total Requests.
# TYPE other_requests_total counter
other_requests_total{code="200"} 7
# HELP other_latency_seconds Latency.
# TYPE other_latency_seconds histogram
other_latency_seconds_bucket{le="1"} 2
other_latency_seconds_bucket{le="+Inf"} 3
other_latency_seconds_sum 4
other_latency_seconds_count 3
`;
  const app = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/metrics' ? 'text/plain' : 'application/json');
    response.end(url === '/metrics' ? other : stats);
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address() as AddressInfo;
  const adapter = await startContainer(
    'adapter',
    `adapter:
  admin: { listen: "127.0.0.1:0" }
  sources:
    app:
      url: http://127.0.0.1:${port}/stats
      metrics:
        - gauge: app_uptime_seconds
          help: How long it has been up.
          value: uptime_seconds
        - each: applications[*]
          labels: { name: name, group: group }
          metrics:
            - { counter: app_requests_total, help: Requests., value: requests.total, since: started }
            - { counter: app_requests_failed_total, help: Failures., value: requests.failed }
            - { gauge: app_requests_in_flight, help: In flight., value: requests.in_flight }
            - { gauge: app_memory_bytes, help: Memory., value: memory_bytes }
    other: { url: "http://127.0.0.1:${port}/metrics", format: prometheus, labels: { from: other } }
    down: { url: "http://127.0.0.1:1/", metrics: [{ gauge: x, value: n }] }
`,
  );
  const address = adapter.addresses['admin'] ?? '';
  const prometheus = await startPrometheus(
    `  - job_name: pod\n    static_configs: [{ targets: ["${address}"] }]\n`,
  );
  context.after(async () => {
    await prometheus.stop();
    await adapter.stop('SIGKILL');
    app.closeAllConnections();
    app.close();
  });
  const one = async (expression: string) => [...(await prometheus.query(expression)).values()][0];
  await awaitUntil(async () => (await one('up')) === 1, { what: 'a scrape', timeoutMs: 30_000 });
  assert.equal(await one('count({__name__=~"app_.+_(total|flight|bytes)"})'), 10_000);
  assert.equal(await one('sum(app_requests_total)'), (2499 * 2500 * 1013) / 2);
  assert.equal(await one('other_requests_total{from="other",code="200"}'), 7);
  assert.equal(await one('other_latency_seconds_bucket{from="other",le="+Inf"}'), 3);
  assert.equal(await one('podmates_adapter_source_up{source="down"}'), 0);
  assert.equal(await one('podmates_adapter_source_up{source="app"}'), 1);
  assert.ok(((await one('podmates_adapter_scrapes_total{format="openmetrics"}')) ?? 0) >= 1);
  const page = await (await fetch(`http://${address}/metrics`)).text();
  assert.deepEqual(checkMetrics(page), { status: 0, says: '' });
});
