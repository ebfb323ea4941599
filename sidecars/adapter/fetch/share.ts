import { SourceError } from './body.ts';

/** Gets something for whoever asks, each with a signal of their own. */
export type Shared<T> = (signal: AbortSignal) => Promise<T>;

interface Turn<T> {
  readonly promise: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
  settled: boolean;
}

/**
 * Lets all who ask at the same time share one turn of `load`, and with `keepMs` those who ask soon
 * after too. Who leaves early is let go at once; the load itself is given up when nobody waits.
 */
export function share<T>(load: (signal: AbortSignal) => Promise<T>, keepMs: number): Shared<T> {
  let turn: Turn<T> | undefined;
  let kept: { readonly value: T; readonly until: number } | undefined;

  const begin = () => {
    const stop = new AbortController();
    const promise = load(stop.signal).then((value) => {
      if (keepMs > 0) kept = { value, until: performance.now() + keepMs };
      return value;
    });
    const mine: Turn<T> = { promise, stop, waiting: 0, settled: false };
    const done = () => {
      mine.settled = true;
      if (turn === mine) turn = undefined;
    };
    promise.then(done, done);
    return mine;
  };
  return async (signal) => {
    if (kept !== undefined && performance.now() < kept.until) return kept.value;
    kept = undefined;
    turn ??= begin();
    const mine = turn;
    mine.waiting += 1;
    try {
      return await untilAborted(mine.promise, signal);
    } finally {
      mine.waiting -= 1;
      if (mine.waiting === 0 && !mine.settled) {
        turn = undefined;
        mine.stop.abort(reasonOf(signal));
      }
    }
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  return new Promise((resolve, reject) => {
    const leave = () => reject(reasonOf(signal));
    signal.addEventListener('abort', leave, { once: true });
    const settle = () => signal.removeEventListener('abort', leave);
    promise.then(resolve, reject).finally(settle);
  });
}

function reasonOf(signal: AbortSignal): SourceError {
  if (signal.reason instanceof SourceError) return signal.reason;
  return signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    ? new SourceError('timeout', `no answer in time: ${signal.reason.message}`)
    : new SourceError('aborted', 'the scraper left');
}
