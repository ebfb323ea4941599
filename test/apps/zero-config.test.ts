import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { presetNames } from '../../sidecars/adapter/index.ts';
import { serveRecorded } from '../adapter/presets/recorded-app.ts';
import { type RunningAdapter, startAdapter } from '../adapter/running-adapter.ts';
import { awaitUntil } from '../await-until.ts';
import { checkMetrics, type Prometheus, startPrometheus } from './prometheus.ts';

/** All of them at once take a while on a busy machine. */
const patience = 'scrape_interval: 5s\n    scrape_timeout: 5s';
const samples = join(import.meta.dirname, '../adapter/presets/samples');
const sources: Record<string, Record<string, unknown>> = {};
let apps: { close(): Promise<void> }[] = [];
let adapter: RunningAdapter;
let prometheus: Prometheus;

before(async () => {
  for (const file of globSync('*/*.json', { cwd: samples })) {
    const name = `drafted-${file.replace(/\.json$/, '').replaceAll('/', '-')}`;
    sources[name] = { file: join(samples, file), prefix: `${name.replaceAll('-', '_')}_` };
  }
  const served = await Promise.all(
    presetNames.map(async (preset) => ({ preset, app: await serveRecorded(preset) })),
  );
  apps = served.map(({ app }) => app);
  for (const { preset, app } of served) sources[`preset-${preset}`] = { preset, url: app.url };
  adapter = await startAdapter({ sources });
  const { host } = new URL(adapter.url);
  const jobs = Object.keys(sources).map(
    (source) => `  - job_name: ${source}
    metrics_path: /probe
    params: { source: [${source}] }
    ${patience}
    static_configs: [{ targets: ["${host}"] }]
`,
  );
  const whole = `  - job_name: whole\n    ${patience}\n    static_configs: [{ targets: ["${host}"] }]\n`;
  prometheus = await startPrometheus(jobs.join('') + whole);
});
after(async () => {
  await prometheus?.stop();
  await adapter?.container.stop();
  for (const app of apps) await app.close();
});

async function probe(source: string, accept: string): Promise<string> {
  const headers = { accept };
  return (await fetch(`${adapter.url}/probe?source=${source}`, { headers })).text();
}

test('Prometheus takes every drafted page and every preset, and loses no sample of them', async () => {
  const byJob = async (expression: string) => {
    const found = await prometheus.query(`sum by (job) (${expression})`);
    return new Map([...found].map(([key, value]) => [JSON.parse(key.slice(4)) as string, value]));
  };
  const up = await awaitUntil(
    async () => {
      const found = await byJob('up');
      const well = [...found.values()].filter((value) => value === 1).length;
      return well === Object.keys(sources).length + 1 && found;
    },
    { timeoutMs: 60_000, what: 'every page was scraped well' },
  );
  const scraped = await byJob('scrape_samples_scraped');
  const success = await byJob('probe_success');
  for (const source of Object.keys(sources)) {
    const page = await probe(source, 'application/openmetrics-text');
    const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(up.get(source), 1, page);
    assert.equal(success.get(source), 1, source);
    assert.equal(scraped.get(source), lines.length, source);
    assert.ok(lines.length > 2, source);
  }
  assert.equal(up.get('whole'), 1);
});

test('promtool has nothing to say of any of them', async () => {
  for (const source of Object.keys(sources)) {
    const { status, says } = checkMetrics(await probe(source, 'text/plain'));
    assert.deepEqual({ status, says }, { status: 0, says: '' }, source);
  }
});
