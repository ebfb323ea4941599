import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { adapterSchema, createAdapter } from '../../sidecars/adapter/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { readStrictly } from '../adapter/collect.ts';
import { anyRule, createRandom, hostileJson, type Random } from '../adapter/hostile.ts';
import { hostilePage } from '../adapter/hostile-pages.ts';
import { awaitUntil } from '../await-until.ts';

setFlagsFromString('--expose-gc');
setFlagsFromString('--no-flush-bytecode'); // gives megabytes back at any time, and hides what grows
const collectGarbage = runInNewContext('gc') as () => void;

const long = Buffer.alloc(64 * 1024 * 1024, 0x20);
const bomb = gzipSync(long);

/** Everything that can be wrong with an answer, by its name; what it is wrong about is hostile too. */
const answers: Readonly<Record<string, (response: ServerResponse, random: Random) => void>> = {
  'a document': (response, random) => response.end(hostileJson(random)),
  'a document of another type': (response, random) => {
    const types = [
      'text/html',
      'application/xml',
      'image/png; x="',
      'application/openmetrics-text',
    ];
    response.setHeader('content-type', random.pick(types));
    response.end(hostileJson(random));
  },
  'a packed document': (response, random) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(hostileJson(random)));
  },
  'broken gzip': (response, random) => {
    response.setHeader('content-encoding', 'gzip');
    const packed = gzipSync(hostileJson(random));
    response.end(random.below(2) === 0 ? packed.subarray(0, -9) : hostileJson(random));
  },
  '64 MB': (response) => response.on('error', () => {}).end(long),
  '64 MB, packed': (response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(bomb);
  },
  'a slow drip': (response) => {
    response.write('[');
    const timer = setInterval(() => response.write('1,'), 10);
    response.on('close', () => clearInterval(timer));
  },
  'a connection that is cut': (response, random) => {
    const body = hostileJson(random);
    response.setHeader('content-length', body.length + 100);
    response.write(body, () => response.destroy());
  },
  'a document that is cut': (response, random) => response.end(hostileJson(random).slice(0, -1)),
  'bytes that are no text': (response, random) => {
    response.end(Buffer.from(Array.from({ length: 200 }, () => random.below(256))));
  },
  'a deep document': (response) => response.end('[{"a":'.repeat(20_000)),
  'a page': (response, random) => response.end(hostilePage(random)),
  'an error': (response, random) => {
    response.statusCode = random.pick([204, 301, 404, 500, 503]);
    response.end();
  },
};
/** What takes long or is large comes less often. */
const rare = ['64 MB', '64 MB, packed', 'a slow drip'];

async function startHostileApp(context: TestContext, random: Random) {
  const seen = new Map<string, number>();
  const names = Object.keys(answers);
  let underWay = 0;
  const app = createServer((_request, response) => {
    underWay += 1;
    response.on('close', () => {
      underWay -= 1;
    });
    let name = random.pick(names);
    if (rare.includes(name) && random.below(8) > 0) name = 'a document';
    seen.set(name, (seen.get(name) ?? 0) + 1);
    answers[name]?.(response, random);
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => {
    app.closeAllConnections();
    app.close();
  });
  return {
    url: `http://127.0.0.1:${(app.address() as AddressInfo).port}/`,
    seen,
    open: () => underWay,
  };
}

/** Rules by chance, of which none clash: the config refuses those that do. */
function hostileRules(random: Random): readonly unknown[] {
  for (;;) {
    const metrics = Array.from({ length: 1 + random.below(5) }, () => anyRule(random));
    const config = { sources: { app: { file: '/dev/null', metrics } } };
    if (adapterSchema.safeParse(config).success) return metrics;
  }
}

/** Random mappings, each a source of its own, and a few that take over pages. */
function hostileSources(url: string, random: Random) {
  const common = { url, maxBody: '1MiB', timeout: '80ms' };
  const mapped = Array.from({ length: 10 }, () => ({
    ...common,
    format: random.pick(['json', 'json', 'ndjson']),
    metrics: hostileRules(random),
  }));
  const joined = Array.from({ length: 2 }, () => ({ ...common, format: 'prometheus' }));
  const sources = [...mapped, ...joined].map((source, at) => [
    `s${at}`,
    { ...source, prefix: `s${at}_` },
  ]);
  return Object.fromEntries(sources);
}

test('whatever an app answers, the page can be read, and memory stays flat', async (context) => {
  const random = createRandom(11);
  const app = await startHostileApp(context, random);
  const config = adapterSchema.parse({
    admin: { listen: '127.0.0.1:0' },
    limits: { series: 500, labelLength: 100 },
    sources: hostileSources(app.url, random),
  });
  const logger = await createLogger({ name: 'adapter', level: 'silent', format: 'json' });
  const adapter = createAdapter(config, { logger, metrics: createMetrics('adapter') });
  await adapter.start();
  const scraper = new Pool(`http://${adapter.addresses()['admin']}`, { connections: 2 });
  context.after(async () => {
    await scraper.close();
    await adapter.stop();
  });
  let points = 0;
  const scrape = async (times: number) => {
    for (let count = 0; count < times; count++) {
      const type = random.pick(['text/plain', 'application/openmetrics-text']);
      const escaping = random.pick(['allow-utf-8', 'underscores', 'dots', 'values']);
      const { statusCode, body } = await scraper.request({
        path: '/metrics',
        method: 'GET',
        headers: { accept: `${type};escaping=${escaping}` },
      });
      const page = await body.text();
      assert.equal(statusCode, 200);
      const { faults, families } = readStrictly(page, type.startsWith('application'));
      assert.deepEqual(faults, [], page);
      points += families.reduce((sum, family) => sum + family.points.length, 0);
    }
  };
  /** What is held when nothing is under way: the bodies of 64 MB are in this process too. */
  const heap = async () => {
    await awaitUntil(() => app.open() === 0, { what: 'no answer is under way' });
    for (let turn = 0; turn < 5; turn++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await scrape(200);
  const held: number[] = [];
  for (let round = 0; round < 20; round++) {
    await scrape(50);
    held.push(await heap());
  }
  const grown = median(held.slice(10)) - median(held.slice(0, 10));
  const served = [...app.seen.values()].reduce((sum, count) => sum + count, 0);
  context.diagnostic(`${served} answers, ${points} points, ${grown} bytes more`);
  assert.ok(served > 14_000, `${served} answers`);
  for (const name of Object.keys(answers)) assert.ok((app.seen.get(name) ?? 0) > 20, name);
  assert.ok(points > 300_000, `${points} points`);
  // A body that is held, or three kilobytes for each scrape of twelve sources, would be more.
  assert.ok(grown < 1_000_000, `${grown} bytes more after 500 scrapes`);
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
