import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';
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

test('a scrape allocates in proportion to its document', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-cost-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const text = makeStats(2500);
  const file = join(folder, 'stats.json');
  writeFileSync(file, text);
  const config = adapterSchema.parse({
    admin: { listen: '127.0.0.1:0' },
    sources: {
      app: {
        file,
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
  const url = `http://${adapter.addresses()['admin']}/metrics`;
  let page = '';
  const scraping = await allocatedBy(async () => {
    page = await (await request(url)).body.text();
  });
  const parsing = await allocatedBy(() => JSON.parse(text));
  assert.equal(page.match(/^app_(?:requests_total|memory_bytes)\{/gm)?.length, 5000);
  // 5.7 when this was written; the page itself, sent and received, is more than one of that.
  const ratio = scraping / parsing;
  assert.ok(ratio > 1 && ratio < 7, `${ratio.toFixed(2)} times what JSON.parse allocates`);
});
