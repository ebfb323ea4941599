import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { readStrictly } from '../adapter/collect.ts';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';

async function serveApp(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats`;
}

async function startAdapter(context: TestContext, section: string): Promise<ContainerProcess> {
  const admin = 'adapter:\n  admin: { listen: "127.0.0.1:0" }\n';
  const adapter = await startContainer('adapter', admin + section);
  context.after(() => adapter.stop('SIGKILL'));
  return adapter;
}

async function scrape(adapter: ContainerProcess, headers: Record<string, string> = {}) {
  const url = `http://${adapter.addresses['admin']}/metrics`;
  const response = await request(url, { headers });
  const bytes = Buffer.from(await response.body.arrayBuffer());
  const packed = response.headers['content-encoding'] === 'gzip';
  const page = (packed ? gunzipSync(bytes) : bytes).toString();
  const type = String(response.headers['content-type']);
  const { faults } = readStrictly(page, type.startsWith('application/openmetrics-text'));
  assert.deepEqual(faults, []);
  const value = (series: string) => {
    const line = page.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { status: response.statusCode, type, packed, page, value };
}

const json =
  (document: unknown): RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify(document));

test('an app that is down shows, takes no other source with it, and comes back', async (context) => {
  let well = false;
  const flaky = await serveApp(context, (_request, response) => {
    if (well) response.end('{"n": 2}');
    else response.destroy();
  });
  const steady = await serveApp(context, json({ n: 1 }));
  const adapter = await startAdapter(
    context,
    `  sources:
    flaky: { url: "${flaky}", metrics: [{ gauge: flaky_n, value: n }] }
    steady: { url: "${steady}", metrics: [{ gauge: steady_n, value: n }] }
`,
  );
  const down = await scrape(adapter);
  assert.equal(down.status, 200);
  assert.equal(down.value('podmates_adapter_source_up{source="flaky"}'), 0);
  assert.equal(down.value('podmates_adapter_source_up{source="steady"}'), 1);
  assert.equal(down.value('flaky_n'), undefined);
  assert.equal(down.value('steady_n'), 1);
  const failures = 'podmates_adapter_collection_failures_total{reason="connect",source="flaky"}';
  assert.equal(down.value(failures), 1);
  assert.equal(down.value('podmates_adapter_collections_total{source="flaky"}'), 1);
  const took = down.value('podmates_adapter_source_duration_seconds{source="flaky"}') ?? 0;
  assert.ok(took > 0 && took < 5, `a failure takes time too: ${took} s`);
  await scrape(adapter);
  well = true;
  const up = await scrape(adapter);
  assert.equal(up.value('podmates_adapter_source_up{source="flaky"}'), 1);
  assert.equal(up.value('flaky_n'), 2);
  assert.equal(up.value(failures), 2);
  well = false;
  const again = await scrape(adapter);
  assert.equal(again.value('flaky_n'), undefined, 'no old value stands in');
  const told = adapter.diagnostics.filter(({ source }) => source === 'flaky');
  assert.equal(told.length, 2, 'said once for each time that it went down');
  assert.equal(await adapter.stop(), 0);
});

test('the page comes in the format that the scraper asks for, packed if it takes that', async (context) => {
  const url = await serveApp(context, json({ n: 1, since: 1_700_000_000 }));
  const adapter = await startAdapter(
    context,
    `  sources:
    app: { url: "${url}", metrics: [{ counter: n_total, value: n, since: since }] }
`,
  );
  const text = await scrape(adapter);
  assert.equal(text.type, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(text.packed, false);
  const open = await scrape(adapter, {
    accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'accept-encoding': 'gzip',
  });
  assert.equal(open.type, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.equal(open.packed, true);
  assert.equal(open.value('n_created'), 1_700_000_000);
  assert.equal(open.value('podmates_adapter_scrapes_total{format="openmetrics"}'), 1);
  for (const [coding, packed] of [
    ['*', true],
    ['gzip;q=0, *', false],
    ['*;q=0, gzip', true],
    ['br, x-gzip;q=0.5', true],
    ['br', false],
  ] as const) {
    assert.equal((await scrape(adapter, { 'accept-encoding': coding })).packed, packed, coding);
  }
});

test('what is no page of Prometheus is a source that fails, not one that says nothing', async (context) => {
  const html = await serveApp(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  });
  const document = await serveApp(context, json({ n: 1 }));
  const empty = await serveApp(context, (_request, response) => response.end());
  const adapter = await startAdapter(
    context,
    `  sources:
    html: { url: "${html}", format: prometheus }
    document: { url: "${document}", format: prometheus }
    empty: { url: "${empty}", format: prometheus }
`,
  );
  const page = await scrape(adapter);
  assert.equal(page.value('podmates_adapter_source_up{source="html"}'), 0);
  assert.equal(page.value('podmates_adapter_source_up{source="document"}'), 0);
  assert.equal(page.value('podmates_adapter_source_up{source="empty"}'), 1);
  const told = adapter.diagnostics.map(({ msg }) => msg);
  assert.ok(told.includes('html fails: the page is HTML or XML, not one of Prometheus'));
  assert.ok(
    told.includes('document fails: the page is JSON, not one of Prometheus; say "format: json"'),
  );
});

test('the scrape ends before the scraper gives up, with the sources that answered by then', async (context) => {
  const stuck = await serveApp(context, () => {});
  const quick = await serveApp(context, json({ n: 1 }));
  const adapter = await startAdapter(
    context,
    `  scrapeOffset: 300ms
  sources:
    stuck: { url: "${stuck}", timeout: 60s, metrics: [{ gauge: a, value: n }] }
    quick: { url: "${quick}", metrics: [{ gauge: b, value: n }] }
`,
  );
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(`http://${adapter.addresses['admin']}/metrics`, {
    headers: { 'x-prometheus-scrape-timeout-seconds': '0.7' },
    signal,
  });
  const page = await response.text();
  assert.match(page, /^b 1$/m);
  assert.match(page, /^podmates_adapter_source_up\{source="stuck"\} 0$/m);
  assert.match(page, /failures_total\{reason="timeout",source="stuck"\} 1/);
});

test('scrapes at the same time share one fetch; a scraper that leaves ends it when it was alone', async (context) => {
  let asked = 0;
  const answers: (() => void)[] = [];
  let cut = 0;
  const url = await serveApp(context, (_request, response) => {
    asked += 1;
    response.on('close', () => {
      if (!response.writableFinished) cut += 1;
    });
    answers.push(() => response.end('{"n": 1}'));
  });
  const adapter = await startAdapter(
    context,
    `  sources:\n    app: { url: "${url}", metrics: [{ gauge: n, value: n }] }\n`,
  );
  const scrapes = [scrape(adapter), scrape(adapter), scrape(adapter)];
  await awaitUntil(() => answers.length === 1, { what: 'the fetch' });
  // The scrapes come over connections of their own; the status page says when all have arrived.
  await awaitUntil(
    async () => (await fetch(`http://${adapter.addresses['admin']}/livez`)).ok && asked === 1,
    { what: 'all three wait' },
  );
  answers[0]?.();
  const pages = await Promise.all(scrapes);
  assert.ok(pages.every((page) => page.value('n') === 1));
  const leaving = new AbortController();
  const left = fetch(`http://${adapter.addresses['admin']}/metrics`, { signal: leaving.signal });
  left.catch(() => {});
  const before = asked;
  await awaitUntil(() => asked > before || answers.length > before, { what: 'another fetch' });
  leaving.abort();
  await awaitUntil(() => cut === 1, { what: 'the fetch is ended at the app' });
});

test('a document that is cached serves later scrapes too', async (context) => {
  let asked = 0;
  const url = await serveApp(context, (_request, response) => {
    asked += 1;
    response.end(`{"n": ${asked}}`);
  });
  const adapter = await startAdapter(
    context,
    `  sources:
    kept: { url: "${url}", cache: 1h, metrics: [{ gauge: kept, value: n }] }
`,
  );
  for (let scrapes = 0; scrapes < 3; scrapes++) {
    const page = await scrape(adapter);
    assert.equal(page.value('kept'), 1);
    assert.equal(page.value('podmates_adapter_collections_total{source="kept"}'), 1);
  }
  assert.equal(asked, 1);
});

test('dates without a zone are those of the time zone of their source', async (context) => {
  const url = await serveApp(context, json({ n: 1, started: '2026-07-02 03:04:05' }));
  const adapter = await startAdapter(
    context,
    `  sources:
    app:
      url: "${url}"
      timeZone: Europe/Berlin
      metrics:
        - { gauge: started_timestamp_seconds, value: started, as: date }
        - { counter: n_total, value: n, since: started }
`,
  );
  const page = await scrape(adapter, { accept: 'application/openmetrics-text' });
  assert.equal(page.value('started_timestamp_seconds'), Date.UTC(2026, 6, 2, 1, 4, 5) / 1000);
  assert.equal(page.value('n_created'), Date.UTC(2026, 6, 2, 1, 4, 5) / 1000);
});

test('onError: http503 lets a failing source fail the scrape', async (context) => {
  const adapter = await startAdapter(
    context,
    `  sources:
    app: { file: /nowhere/stats.json, onError: http503, metrics: [{ gauge: n, value: n }] }
`,
  );
  const page = await scrape(adapter);
  assert.equal(page.status, 503);
  assert.equal(
    page.value('podmates_adapter_collection_failures_total{reason="file",source="app"}'),
    1,
  );
});

test('the pages of the pod’s other containers are joined, with labels added', async (context) => {
  const page = `# HELP up_time_seconds Up.\n# TYPE up_time_seconds gauge\nup_time_seconds 5\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 7\n# TYPE podmates_build_info gauge\npodmates_build_info{container="log-tail",version="1",node="26"} 1\nbroken line here\n`;
  const other = await serveApp(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(page);
  });
  const adapter = await startAdapter(
    context,
    `  sources:
    log-tail: { url: "${other}", format: prometheus, labels: { from: log-tail } }
    app: { url: "${other}", format: prometheus }
`,
  );
  const joined = await scrape(adapter);
  // An app's own process_ metrics stand beside those of the adapter, which say whose they are.
  assert.equal(joined.value('process_resident_memory_bytes'), 7);
  assert.ok((joined.value('process_resident_memory_bytes{container="adapter"}') ?? 0) > 1e6);
  assert.equal(joined.value('up_time_seconds{from="log-tail"}'), 5);
  assert.match(joined.page, /podmates_build_info\{container="adapter".*\} 1/);
  assert.match(joined.page, /podmates_build_info\{container="log-tail",from="log-tail".*\} 1/);
  assert.equal(joined.page.match(/# TYPE podmates_build_info/g)?.length, 1);
  const next = await scrape(adapter);
  const dropped = 'podmates_adapter_samples_dropped_total{reason="bad_line",source="log-tail"}';
  assert.equal(next.value(dropped), 2);
});

test('an adapter of one’s own reads what is no JSON, lies anywhere and is judged like all others', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-module-'));
  const file = join(folder, 'own.ts');
  writeFileSync(
    file,
    `import { defineAdapter } from 'podmates/adapter';
export default defineAdapter({
  name: 'own',
  collect(input, metrics) {
    const view = new DataView(input.body.buffer, input.body.byteOffset, input.body.length);
    const count: number = view.getUint32(0);
    metrics.counter('own_seen_total', { help: 'Seen.' }).add(count, { kind: String(input.options['kind']) });
    metrics.gauge('own_bad').add(1, { __reserved: 'x' });
    metrics.counter('own_negative_total').add(-1);
  },
});
`,
  );
  const url = await serveApp(context, (_request, response) => {
    response.end(Buffer.from([0, 0, 4, 210]));
  });
  const adapter = await startAdapter(
    context,
    `  sources:
    own: { url: "${url}", module: "${file}", options: { kind: a }, prefix: my_ }
`,
  );
  const page = await scrape(adapter);
  assert.equal(page.value('my_own_seen_total{kind="a"}'), 1234);
  const next = await scrape(adapter);
  const dropped = (reason: string) =>
    next.value(`podmates_adapter_samples_dropped_total{reason="${reason}",source="own"}`);
  assert.equal(dropped('bad_label'), 2);
  assert.equal(dropped('negative'), 2);
});

test('a changed config is put in force; a broken one leaves the old one running', async (context) => {
  const url = await serveApp(context, json({ n: 1, m: 2 }));
  const section = (metrics: string, name = 'app') =>
    `  sources:\n    ${name}: { url: "${url}", metrics: [${metrics}] }\n`;
  const head = 'adapter:\n  admin: { listen: "127.0.0.1:0" }\n';
  const adapter = await startAdapter(context, section('{ gauge: n, value: n }'));
  assert.equal((await scrape(adapter)).value('n'), 1);
  writeFileSync(adapter.file, head + section('{ gauge: m, value: m }', 'other'));
  const changed = await awaitUntil(
    async () => {
      const page = await scrape(adapter);
      return page.value('m') === 2 && page;
    },
    { what: 'the new config' },
  );
  assert.equal(changed.value('n'), undefined);
  assert.doesNotMatch(changed.page, /source="app"/, 'what went leaves no trace');
  writeFileSync(adapter.file, head + section('{ gauge: m, valeu: m }', 'other'));
  const errors = 'podmates_config_reloads_total{result="error"}';
  await awaitUntil(async () => (await scrape(adapter)).value(errors) === 1, {
    what: 'the broken config is refused',
  });
  assert.equal((await scrape(adapter)).value('m'), 2);
  const config = await (await fetch(`http://${adapter.addresses['admin']}/config`)).text();
  assert.match(config, /"value": "m"/);
});
