import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pool } from 'undici';
import { createAdapter } from '../../sidecars/adapter/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { readAdapter } from '../adapter/collect.ts';
import { createRandom, hostileJson } from '../adapter/hostile.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('memory is flat over 10,000 scrapes of documents that are never the same', async (context) => {
  const random = createRandom(7);
  let served = 0;
  const app = createServer((_request, response) => {
    served += 1;
    const rows = Array.from({ length: 10 }, (_, row) => ({ id: `${served}-${row}`, n: row }));
    const odd = served % 7 === 0 ? hostileJson(random) : '1';
    response.end(`{"rows":${JSON.stringify(rows)},"odd":${odd},"id":${served}12345678901234567}`);
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address() as AddressInfo;
  const config = readAdapter(`adapter:
  admin: { listen: "127.0.0.1:0" }
  sources:
    app:
      url: http://127.0.0.1:${port}/
      metrics:
        - each: rows[*]
          labels: { id: id }
          metrics: [{ gauge: row, value: n }, { counter: row_total, value: n }]
        - { gauge: odd, value: odd, labels: { id: id } }
        - { each: odd.*, labels: { key: $key }, metrics: [{ gauge: inside, value: . }] }
        - { each: { jsonpath: '$..n' }, labels: { key: $index }, metrics: [{ gauge: n, value: . }] }
    down: { url: "http://127.0.0.1:1/", metrics: [{ gauge: x, value: x }] }
`);
  const logger = await createLogger({ name: 'adapter', level: 'silent', format: 'json' });
  const adapter = createAdapter(config, { logger, metrics: createMetrics('adapter') });
  await adapter.start();
  const scraper = new Pool(`http://${adapter.addresses()['admin']}`, { connections: 2 });
  context.after(async () => {
    await scraper.close();
    await adapter.stop();
    app.closeAllConnections();
    app.close();
  });
  const scrape = async (times: number) => {
    for (let count = 0; count < times; count++) {
      const accept = count % 2 === 0 ? 'text/plain' : 'application/openmetrics-text';
      const { statusCode, body } = await scraper.request({
        path: '/metrics',
        method: 'GET',
        headers: { accept },
      });
      await body.dump();
      assert.equal(statusCode, 200);
    }
  };
  const heap = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await scrape(2000);
  const before = heap();
  await scrape(8000);
  const grown = heap() - before;
  assert.equal(served, 10_000);
  // A leak of a hundred bytes a scrape would be 800 kB.
  assert.ok(grown < 750_000, `${grown} bytes more after 8,000 scrapes`);
});
