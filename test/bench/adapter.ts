import { request } from 'undici';
import type { SuiteOptions } from './bench.ts';
import type { Contest, Contestant } from './contest.ts';
import { startContestant, startPodmates } from './podmates.ts';
import { freePort, isInstalled, listening, type Program } from './program.ts';
import { adapterConfig } from './stats-document.ts';

const rows = 2500;
/** About what the page of so many rows is long. */
const pageBytes = 602_000;

/** Fetch to page: the JSON stats of an app with 10,000 series, asked for as Prometheus does. */
export async function* contests({ quick }: SuiteOptions): AsyncIterable<Contest> {
  const scrapes = quick ? 20 : 150;
  const originPort = await freePort();
  const origin = startContestant('stats-origin.mjs', [originPort, rows], { core: 1 });
  await listening(originPort);
  const url = `http://127.0.0.1:${originPort}/stats`;
  try {
    yield {
      name: 'fetch to page, 1.1 MB, 10,000 series',
      unit: 'scrape',
      missing: isInstalled('json_exporter')
        ? []
        : [
            'json_exporter (not on the PATH; `go install github.com/prometheus-community/json_exporter@v0.7.0` where its module can be had)',
          ],
      contestants: [
        await scraped('podmates adapter', true, '10000', scrapes, (port) =>
          startPodmates('adapter', adapterConfig(url, port), { core: 0 }),
        ),
        await scraped('JSON.parse alone', false, undefined, scrapes, (port) =>
          startContestant('parse-only.mjs', [port, rows], { core: 0 }),
        ),
        await scraped('fetch, JSON.parse, send a page', false, undefined, scrapes, (port) =>
          startContestant('fetch-parse-send.mjs', [port, url, pageBytes], { core: 0 }),
        ),
        await scraped('prom-client way: reset, set, metrics()', false, '10000', scrapes, (port) =>
          startContestant('prom-client-way.mjs', [port, url], { core: 0 }),
        ),
      ],
    };
  } finally {
    await origin.stop();
  }
}

/** A contestant that serves /metrics on a port. */
async function scraped(
  name: string,
  ours: boolean,
  agrees: string | undefined,
  scrapes: number,
  start: (port: number) => Program,
): Promise<Contestant> {
  const port = await freePort();
  const program = start(port);
  await listening(port);
  return {
    name,
    ours,
    ...(agrees === undefined ? {} : { agrees }),
    async round() {
      const before = program.cost();
      const begin = performance.now();
      const waits: number[] = [];
      let page = '';
      for (let count = 0; count < scrapes; count++) {
        const start = performance.now();
        const { statusCode, body } = await request(`http://127.0.0.1:${port}/metrics`);
        page = await body.text();
        if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
        waits.push(performance.now() - start);
      }
      const after = program.cost();
      waits.sort((a, b) => a - b);
      return {
        units: scrapes,
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        wallSeconds: (performance.now() - begin) / 1000,
        residentBytes: after.residentBytes,
        p50Ms: waits[Math.floor(scrapes * 0.5)] ?? 0,
        p99Ms: waits[Math.floor(scrapes * 0.99)] ?? 0,
        outcome: agrees === undefined ? '' : countSeries(page),
      };
    },
    close: () => program.stop(),
  };
}

/** How many series of the app's stand in a page, and the sum of their values. */
function countSeries(page: string): string {
  let count = 0;
  let sum = 0;
  for (const match of page.matchAll(/^app_\w+\{[^}]*\} (\S+)$/gm)) {
    count++;
    sum += Number(match[1]);
  }
  return `${count} series, sum ${sum}`;
}
