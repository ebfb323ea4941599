import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { startAdapter, startServer } from '../adapter/running-adapter.ts';
import { awaitUntil } from '../await-until.ts';
import { installPackages } from './install.ts';
import { startNodeExporter } from './programs/node-exporter.ts';
import { startPushgateway } from './programs/pushgateway.ts';

const stats = JSON.stringify({
  version: '1.2',
  requests: 7,
  latency_ms: { count: 3, p50: 1, p99: 9 },
  latency_buckets: { '0.1': 3, '+Inf': 5 },
  status: 'UP',
  queues: { a: { depth: 1 }, b: { depth: 2 } },
});

before(() => installPackages('prometheus-pushgateway', 'prometheus-node-exporter'));

async function readPage(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) })).text();
}

test('the real Pushgateway takes the page of a Job, and keeps it under its grouping key', async () => {
  const app = await startServer(() => ({ body: stats }));
  const gateway = await startPushgateway();
  try {
    const { container } = await startAdapter({
      sources: { app: { url: app.url } },
      push: {
        url: gateway.url,
        job: 'nightly/eu',
        grouping: { shard: '7', zone: '' },
        interval: '1h',
      },
    });
    await awaitUntil(async () => (await readPage(gateway.url)).includes('requests_total'), {
      what: 'the first push',
    });
    assert.deepEqual(await container.stop(), { left: [] });
    const page = await readPage(gateway.url);
    assert.match(page, /^requests_total\{instance="",job="nightly\/eu",shard="7"[^}]*\} 7$/m);
    assert.match(page, /^queue_depth\{[^}]*job="nightly\/eu"[^}]*queue="b"[^}]*\} 2$/m);
    assert.match(page, /^latency_bucket\{[^}]*le="\+Inf"[^}]*\} 5$/m);
    assert.match(page, /^podmates_adapter_last_success_timestamp_seconds\{/m);
    assert.match(page, /^push_failure_time_seconds\{[^}]*\} 0$/m);
  } finally {
    await gateway.stop();
    await app.close();
  }
});

test('a second push replaces the group of the first', async () => {
  let body = '{"requests": 1, "errors": 2}';
  const app = await startServer(() => ({ body }));
  const gateway = await startPushgateway();
  try {
    const { container } = await startAdapter({
      sources: {
        app: {
          url: app.url,
          metrics: [
            { counter: 'requests_total', help: 'R.', value: 'requests' },
            { counter: 'errors_total', help: 'E.', value: 'errors' },
          ],
        },
      },
      push: { url: gateway.url, job: 'nightly', interval: '1h' },
    });
    await awaitUntil(async () => (await readPage(gateway.url)).includes('errors_total'), {
      what: 'the first push',
    });
    body = '{"requests": 3}';
    await container.stop();
    const page = await readPage(gateway.url);
    assert.match(page, /^requests_total\{[^}]*\} 3$/m);
    assert.doesNotMatch(page, /^errors_total/m);
  } finally {
    await gateway.stop();
    await app.close();
  }
});

test("node exporter's textfile collector takes the .prom file", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-textfile-'));
  const app = await startServer(() => ({ body: stats }));
  const exporter = await startNodeExporter(folder);
  const { container } = await startAdapter({
    sources: { app: { url: app.url } },
    textfile: { path: join(folder, 'shop.prom'), interval: '1h' },
  });
  try {
    const page = await awaitUntil(
      async () => {
        const text = await readPage(exporter.url);
        return text.includes('\nrequests_total ') && text;
      },
      { what: 'the file on the page of node exporter' },
    );
    assert.match(page, /^node_textfile_scrape_error 0$/m);
    assert.match(page, /^requests_total 7$/m);
    assert.match(page, /^queue_depth\{queue="b"\} 2$/m);
  } finally {
    await container.stop();
    await exporter.stop();
    await app.close();
    await rm(folder, { recursive: true });
  }
});
