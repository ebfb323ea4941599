import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMetrics, text } from '../adapter/collect.ts';
import { awaitUntil } from '../await-until.ts';
import { checkMetrics, type Prometheus, startPrometheus } from './prometheus.ts';

const kinds = ['text', 'openmetrics'] as const;
/** What Prometheus adds to every target itself. */
const ofPrometheus = 'up|scrape_(samples|series|duration).*';
const isOfPrometheus = new RegExp(`^(${ofPrometheus})[ {]`);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'podmates-pages-'));
const types = { text: text.contentType, openmetrics: openMetrics.contentType };
const pages = new Map<string, { readonly body: string; readonly type: string }>();
let prometheus: Prometheus;
const server = createServer(({ url = '' }, response) => {
  const page = pages.get(url.slice(1));
  response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.type ?? 'text/html' });
  response.end(page?.body);
});

/** Runs the adapter's own tests, each page that they make being kept on the way. */
async function recordPages(): Promise<void> {
  const recorder = join(import.meta.dirname, 'record-pages.mjs');
  const files = [
    'test/adapter/**/*.test.ts',
    'test/flows/adapter.test.ts',
    'test/examples/*.test.ts',
  ];
  const run = spawn(process.execPath, ['--test', '--test-reporter=dot', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${recorder}`,
      PODMATES_PAGES_FOLDER: folder,
      NODE_TEST_CONTEXT: undefined,
    },
  });
  const says: string[] = [];
  run.stdout.setEncoding('utf8').on('data', (chunk: string) => says.push(chunk));
  run.stderr.setEncoding('utf8').on('data', (chunk: string) => says.push(chunk));
  const [code] = await once(run, 'exit');
  assert.equal(code, 0, says.join(''));
}

before(async () => {
  await recordPages();
  for (const kind of kinds) {
    for (const name of readdirSync(join(folder, kind))) {
      const body = readFileSync(join(folder, kind, name), 'utf8');
      pages.set(`${kind}/${name}`, { body, type: types[kind] });
    }
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const jobs = [...pages.keys()].map(
    (name) => `  - job_name: ${name}
    metrics_path: /${name}
    scrape_interval: 15s
    scrape_timeout: 10s
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:${port}"], labels: { page: ${name} } }]
`,
  );
  prometheus = await startPrometheus(jobs.join(''));
  await awaitUntil(
    async () => (await prometheus.query('scrape_samples_scraped')).size === pages.size,
    { what: 'every page was scraped', timeoutMs: 120_000 },
  );
});

after(async () => {
  await prometheus?.stop();
  server.close();
  rmSync(folder, { recursive: true });
});

test('the tests make pages of many kinds, each in both formats', () => {
  const count = (kind: string) => [...pages.keys()].filter((name) => name.startsWith(kind)).length;
  assert.ok(count('text/') > 200, `${count('text/')} pages in text`);
  assert.ok(count('openmetrics/') > 200, `${count('openmetrics/')} pages in OpenMetrics`);
  for (const made of [
    'rules',
    'draft',
    'presets',
    'merge',
    'names',
    'convert',
    'probe',
    'container',
  ]) {
    assert.ok(
      [...pages.keys()].some((name) => name.includes(`/${made}-`)),
      `pages of ${made}.test.ts`,
    );
  }
});

test('Prometheus takes every page that the tests make: up is 1, and no sample is lost', async () => {
  const byPage = async (expression: string) => {
    const found = await prometheus.query(`sum by (page) (${expression})`);
    return new Map([...found].map(([key, value]) => [JSON.parse(key.slice(5)) as string, value]));
  };
  const up = await byPage('up');
  const scraped = await byPage('scrape_samples_scraped');
  // Of a sample that stands twice Prometheus takes the first, and counts both as scraped.
  const series = await byPage(`count by (page) ({page!="",__name__!~"${ofPrometheus}"})`);
  let compared = 0;
  for (const [name, { body }] of pages) {
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(up.get(name), 1, `${name}\n${body}`);
    assert.equal(scraped.get(name), lines.length, `${name}: samples\n${body}`);
    // Some carry a time of long ago, which an instant query does not look back to.
    if (lines.some((line) => /\s\S+ [\d.e+]+$/.test(line))) continue;
    const own = lines.filter((line) => !isOfPrometheus.test(line));
    assert.equal(series.get(name) ?? 0, own.length, `${name}: series\n${body}`);
    compared += 1;
  }
  assert.ok(compared > pages.size * 0.8, `${compared} of ${pages.size}`);
});

test('promtool reads every page that the tests make', () => {
  for (const [name, { body }] of pages) {
    if (!name.startsWith('text/')) continue;
    const { status, says } = checkMetrics(body);
    assert.ok(status === 0 || status === 3, `${name}: ${status} ${says}\n${body}`);
  }
});
