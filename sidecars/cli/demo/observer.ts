import { createHttpClient } from '../../core/http/client.ts';
import type { Answers, Callers } from './callers.ts';
import type { LineLedger } from './line-ledger.ts';
import { byLabel, readPage, type Series } from './metrics-page.ts';
import type { Pod } from './pod.ts';
import type { Stats } from './stock.ts';

/** What the live page draws, at one moment. Counts, of which the page makes rates. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly callers: Readonly<Record<string, Answers>>;
  readonly letIn: number;
  readonly refusedByReason: Readonly<Record<string, number>>;
  readonly written: number;
  readonly rotations: number;
  readonly passedOn: number;
  readonly byLevel: Readonly<Record<string, number>>;
  readonly latest: readonly string[];
  readonly stats: Stats;
  readonly statsRequests: number;
  /** The series of the metrics page that come from the app. */
  readonly page: readonly string[];
  /** How many series the page has in all, the containers' own among them. */
  readonly series: number;
  readonly prometheus: { readonly url: string; readonly samples: number } | undefined;
}

export interface Observer {
  /** Looks at the pod now. */
  look(): Promise<Moment>;
  /** The metrics page as it is now. */
  page(): Promise<readonly Series[]>;
  close(): Promise<void>;
}

export interface Observed {
  readonly pod: Pod;
  readonly callers: Callers;
  readonly ledger: LineLedger;
  readonly prometheusUrl: string | undefined;
}

export function createObserver({ pod, callers, ledger, prometheusUrl }: Observed): Observer {
  const client = createHttpClient({ target: { headers: {}, timeout: 5000 } });
  const get = async (url: string) =>
    (await client.request({ url, maxBytes: 8 * 2 ** 20 })).body.toString('utf8');
  return {
    async look() {
      const text = await get(pod.metricsPage);
      const page = readPage(text);
      return {
        time: Date.now(),
        callers: callers.answers(),
        letIn: callers.let().in.size,
        refusedByReason: byLabel(page, 'podmates_ambassador_refusals_total', 'reason'),
        written: pod.log.lines(),
        rotations: pod.log.rotations(),
        passedOn: ledger.total(),
        byLevel: ledger.byLevel(),
        latest: ledger.latest(),
        stats: pod.shop.stats(),
        statsRequests: pod.shop.statsRequests(),
        page: text.split('\n').filter((line) => line.startsWith('shop_')),
        series: page.length,
        prometheus: prometheusUrl ? await askPrometheus(prometheusUrl, get) : undefined,
      };
    },
    page: async () => readPage(await get(pod.metricsPage)),
    close: () => client.close(),
  };
}

async function askPrometheus(url: string, get: (url: string) => Promise<string>) {
  const query = encodeURIComponent('scrape_samples_scraped{pod="shop-0"}');
  try {
    const answer: { data: { result: { value: [number, string] }[] } } = JSON.parse(
      await get(`${url}/api/v1/query?query=${query}`),
    );
    return { url, samples: Number(answer.data.result[0]?.value[1] ?? 0) };
  } catch {
    return { url, samples: 0 }; // it is still starting
  }
}
