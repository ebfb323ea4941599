import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { request } from 'undici';
import { adapterSchema, createAdapter } from '../../sidecars/adapter/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { makeStats } from '../bench/stats-document.ts';

const allocated = () => Number(Reflect.get(getHeapStatistics(), 'total_allocated_bytes'));

async function allocatedBy(work: () => unknown): Promise<number> {
  const rounds = 10;
  for (let warmUp = 0; warmUp < 5; warmUp++) await work();
  const before = allocated();
  for (let round = 0; round < rounds; round++) await work();
  return (allocated() - before) / rounds;
}

/** Starts an adapter of the document at a place, with two series for each row. */
async function startAdapter(context: TestContext, place: { file: string } | { url: string }) {
  const config = adapterSchema.parse({
    admin: { listen: '127.0.0.1:0' },
    sources: {
      app: {
        ...place,
        metrics: [
          {
            each: 'applications[*]',
            labels: { name: 'name', group: 'group' },
            metrics: [
              { counter: 'app_requests_total', help: 'Requests.', value: 'requests.total' },
              { gauge: 'app_memory_bytes', help: 'Memory.', value: 'memory_bytes' },
            ],
          },
        ],
      },
    },
  });
  const adapter = createAdapter(config, {
    logger: await createLogger({ name: 'cost', level: 'silent', format: 'json' }),
    metrics: createMetrics('adapter'),
  });
  await adapter.start();
  context.after(() => adapter.stop());
  return async () => {
    const { body } = await request(`http://${adapter.addresses()['admin']}/metrics`);
    const page = await body.text();
    assert.equal(page.match(/^app_(?:requests_total|memory_bytes)\{/gm)?.length, 5000);
  };
}

test('a scrape allocates in proportion to its document', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-cost-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const text = makeStats(2500);
  const file = join(folder, 'stats.json');
  writeFileSync(file, text);
  const scraping = await allocatedBy(await startAdapter(context, { file }));
  const parsing = await allocatedBy(() => JSON.parse(text));
  // 4.2 to 5.1 when this was written; the text of the document, and the page as we receive it, are two of that.
  const ratio = scraping / parsing;
  assert.ok(ratio > 1 && ratio < 6, `${ratio.toFixed(2)} times what JSON.parse allocates`);
});

test('a scrape leaves nothing behind that only a full collection would free', async (context) => {
  const body = Buffer.from(makeStats(2500));
  const app = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => app.close());
  const { port } = app.address() as AddressInfo;
  const scrape = await startAdapter(context, { url: `http://127.0.0.1:${port}/` });
  setFlagsFromString('--expose-gc');
  const collect: (options?: { type: 'minor' }) => void = runInNewContext('gc');
  const scrapeMany = async (times: number) => {
    for (let count = 0; count < times; count++) {
      await scrape();
      collect({ type: 'minor' });
    }
    return process.memoryUsage().external;
  };
  await scrapeMany(5);
  collect();
  const before = await scrapeMany(5);
  const left = ((await scrapeMany(20)) - before) / 20;
  assert.ok(left < 200_000, `${Math.round(left)} bytes a scrape, of ${body.length} of a document`);
});
