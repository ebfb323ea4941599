import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { compileMapping } from '../../sidecars/adapter/map/compile.ts';
import { createJsonMapper } from '../../sidecars/adapter/map/mapper.ts';
import { rulesSchema } from '../../sidecars/adapter/map/schema.ts';
import type { Family } from '../../sidecars/adapter/sample.ts';
import { map, openMetrics, page, run, text } from '../adapter/collect.ts';
import { anyRule, createRandom, hostileJson } from '../adapter/hostile.ts';
import { familiesOfBrokenPage } from '../adapter/hostile-pages.ts';
import { awaitUntil } from '../await-until.ts';
import { checkMetrics, type Prometheus, startPrometheus } from './prometheus.ts';

/** Pages of families: one in each format. */
const pages = new Map<string, { readonly families: readonly Family[]; readonly clean: boolean }>();

const everything = `
- { counter: shop_requests_total, help: Requests served., value: requests, since: started }
- { gauge: shop_memory_bytes, help: Memory in use., value: memory, unit: bytes }
- { untyped: shop_odd, help: A number of some kind., value: 1, labels: { text: text } }
- { info: shop_build_info, help: What runs., labels: { version: version } }
- { stateset: shop_phase, help: Where it is., value: phase, states: [starting, ready] }
- { histogram: shop_latency_seconds, help: How long it took., buckets: buckets, sum: sum }
- { summary: shop_wait_seconds, help: How long it waited., quantiles: waits, sum: sum, count: n }
- each: apps.*
  labels: { app: $key }
  metrics:
    - { gauge: shop_processes, help: Processes that run., value: running }
`;
const document = {
  requests: 1234,
  started: '2026-01-02T03:04:05Z',
  memory: 5e9,
  text: 'a "quoted"\nline \\ with 🙂',
  version: '1.2.3',
  phase: 'ready',
  buckets: { 0.1: 3, 1: 5, '+Inf': 7 },
  sum: 4.5,
  waits: { p50: 0.1, p99: 0.5 },
  n: 9,
  apps: { web: { running: 3 }, 'jobs "x"': { running: 1 } },
};

pages.set('everything', { families: map(everything, document).families, clean: true });
for (let seed = 1; pages.size < 61; seed++) {
  const random = createRandom(seed);
  const metrics = Array.from({ length: 1 + random.below(6) }, () => anyRule(random));
  const parsed = rulesSchema.safeParse(metrics); // clashes that the config would refuse too
  if (!parsed.success) throw new Error(JSON.stringify(metrics));
  const mapper = createJsonMapper(compileMapping(parsed.data, { prefix: '', labels: {} }), false);
  for (let tries = 0; tries < 5; tries++) {
    const { families } = run(mapper, hostileJson(random), { series: 300, labelLength: 200 });
    if (families.length > 0) pages.set(`seed-${seed}-${tries}`, { families, clean: false });
  }
}

for (let seed = 1; pages.size < 121; seed++) {
  const families = familiesOfBrokenPage(createRandom(seed));
  if (families.length > 0) pages.set(`page-${seed}`, { families, clean: false });
}

const served = (path: string) => {
  const [, kind = '', name = ''] = path.split('/');
  const found = pages.get(name);
  const as = kind === 'openmetrics' ? openMetrics : text;
  return found && { body: page(found.families, as), type: as.contentType };
};
const server = createServer(({ url = '' }, response) => {
  const answer = served(url);
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': answer?.type ?? 'x/x' });
  response.end(answer?.body);
});
let prometheus: Prometheus;

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const jobs = [...pages.keys()].flatMap((name) =>
    ['text', 'openmetrics'].map(
      (kind) => `  - job_name: ${kind}/${name}
    metrics_path: /${kind}/${name}
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:${port}"], labels: { page: ${kind}/${name} } }]
`,
    ),
  );
  prometheus = await startPrometheus(jobs.join(''));
  await awaitUntil(
    async () => (await prometheus.query('scrape_samples_scraped')).size === pages.size * 2,
    { what: 'every page was scraped', timeoutMs: 60_000 },
  );
});

after(async () => {
  await prometheus?.stop();
  server.close();
});

for (const kind of ['text', 'openmetrics']) {
  test(`Prometheus takes every page in ${kind}: up is 1 and every sample is there`, async () => {
    const byPage = async (expression: string) => {
      const found = await prometheus.query(`sum by (page) (${expression})`);
      return new Map([...found].map(([key, value]) => [JSON.parse(key.slice(5)) as string, value]));
    };
    const up = await byPage('up');
    const scraped = await byPage('scrape_samples_scraped');
    const kept = await byPage(
      `count by (page) ({page!="",__name__!~"up|scrape_(samples|series|duration).*"})`,
    );
    for (const name of pages.keys()) {
      const path = `${kind}/${name}`;
      const body = served(`/${path}`)?.body ?? '';
      const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
      assert.equal(up.get(path), 1, `${path}\n${body}`);
      assert.equal(scraped.get(path), lines, `${path}: samples scraped\n${body}`);
      // Broken pages have timestamps of long ago, which an instant query does not look back to.
      if (name.startsWith('page-')) continue;
      assert.equal(kept.get(path), lines, `${path}: series kept\n${body}`);
    }
    assert.ok(pages.size > 120, `${pages.size} pages`);
  });
}

test('values and labels arrive as they were in the document', async () => {
  const values = await prometheus.query('{page="openmetrics/everything",__name__=~"shop_.*"}');
  const find = (...parts: readonly string[]) =>
    [...values].find(([key]) => parts.every((part) => key.includes(part)))?.[1];
  assert.equal(find('shop_requests_total'), 1234);
  assert.equal(find('shop_memory_bytes'), 5e9);
  assert.equal(find(JSON.stringify(document.text)), 1);
  assert.equal(find('shop_processes', JSON.stringify('jobs "x"')), 1);
  assert.equal(find('shop_latency_seconds_bucket', 'le="+Inf"'), 7);
  assert.equal(find('shop_phase', 'shop_phase="ready"'), 1);
});

test('promtool reads every page, and finds nothing to say of the one that names its metrics well', () => {
  for (const [name, { clean }] of pages) {
    const { status, says } = checkMetrics(served(`/text/${name}`)?.body ?? '');
    if (clean) assert.deepEqual({ status, says }, { status: 0, says: '' }, name);
    else assert.ok(status === 0 || status === 3, `${name}: ${status} ${says}`);
  }
});
