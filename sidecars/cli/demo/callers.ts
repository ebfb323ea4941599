import { randomBytes } from 'node:crypto';
import { createHttpClient } from '../../core/http/client.ts';
import { pause } from '../../core/lifecycle.ts';
import { requestNumber } from './shop.ts';

/** Somebody who asks the pod for something again and again. */
interface Caller {
  readonly name: string;
  readonly perSecond: number;
  readonly welcome: boolean;
  asks(): { readonly method?: 'GET' | 'POST'; readonly path: string; readonly key?: string };
}

export interface Answers {
  readonly sent: number;
  /** How many were answered, by status code; `0` when the exchange itself failed. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Callers {
  start(): void;
  /** Sends no more, and resolves when every answer is there. */
  stop(): Promise<void>;
  /** By the caller's name. */
  answers(): Readonly<Record<string, Answers>>;
  /** The numbers of requests that were answered as the app answers, and of the others. */
  let(): { readonly in: ReadonlySet<number>; readonly away: ReadonlySet<number> };
  /** Requests that were answered otherwise than their caller must expect. */
  surprises(): readonly string[];
}

export const goodKey = randomBytes(32).toString('base64url');

const callers: readonly Caller[] = [
  {
    name: 'with a good key',
    perSecond: 14,
    welcome: true,
    asks: () => ({ method: Math.random() < 0.7 ? 'POST' : 'GET', path: '/orders/', key: goodKey }),
  },
  { name: 'health check', perSecond: 1, welcome: true, asks: () => ({ path: '/health' }) },
  { name: 'without a key', perSecond: 3, welcome: false, asks: () => ({ path: '/orders/' }) },
  {
    name: 'with a wrong key',
    perSecond: 0.3, // more from one address, and the ambassador would no longer even look at them
    welcome: false,
    asks: () => ({ path: '/orders/', key: randomBytes(32).toString('base64url') }),
  },
  {
    name: 'where nobody may',
    perSecond: 1.5,
    welcome: false,
    asks: () => ({ path: '/stats', key: goodKey }),
  },
  {
    name: 'with a trick path',
    perSecond: 0.7,
    welcome: false,
    asks: () => ({ path: '/orders/..%2fstats', key: goodKey }),
  },
];

/** @param url where the ambassador listens */
export function createCallers(url: string): Callers {
  const client = createHttpClient({ target: { headers: {}, timeout: 5000 }, connections: 16 });
  const stopping = new AbortController();
  const answers = new Map<string, { sent: number; statuses: Record<string, number> }>();
  const letIn = new Set<number>();
  const turnedAway = new Set<number>();
  const surprises: string[] = [];
  let number = 0;
  let all: Promise<unknown> = Promise.resolve();

  const ask = async (caller: Caller) => {
    const { name, welcome } = caller;
    const { method = 'GET', path, key } = caller.asks();
    const mine = ++number;
    const record = answers.get(name) ?? { sent: 0, statuses: {} };
    answers.set(name, record);
    record.sent++;
    const headers = { [requestNumber]: String(mine), ...(key ? { 'x-api-key': key } : {}) };
    const status = await client
      .request({ url: url + path, method, headers, maxBytes: 65_536 })
      .then((response) => response.status)
      .catch(() => 0);
    record.statuses[status] = (record.statuses[status] ?? 0) + 1;
    const came = status >= 200 && status < 300;
    (came ? letIn : turnedAway).add(mine);
    if (came !== welcome) surprises.push(`${name}: ${method} ${path}: ${status}`);
  };
  const keepAsking = async (caller: Caller) => {
    const open = new Set<Promise<void>>();
    while (!stopping.signal.aborted) {
      // Independent callers come at random: the gaps between them are exponential.
      await pause(
        (-Math.log(1 - Math.random()) * 1000) / (caller.perSecond * tide()),
        stopping.signal,
      );
      if (stopping.signal.aborted) break;
      const asking = ask(caller).finally(() => open.delete(asking));
      open.add(asking);
    }
    await Promise.all(open);
  };
  return {
    start() {
      all = Promise.all(callers.map(keepAsking));
    },
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      await all;
      await client.close();
    },
    answers: () => Object.fromEntries(answers),
    let: () => ({ in: letIn, away: turnedAway }),
    surprises: () => surprises,
  };
}

/** Business comes and goes, so that the plots have something to show. */
function tide(): number {
  return 1 + 0.6 * Math.sin(Date.now() / 4000);
}
