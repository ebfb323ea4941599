import { createBackoff } from '../../../core/backoff.ts';
import { describeError } from '../../../core/errors.ts';
import type { ProviderContext } from '../provider.ts';
import type { JwtConfig } from './config.ts';
import type { KeyFetcher } from './fetch-keys.ts';
import { createKeyStore, parseJwks } from './key-store.ts';
import { checkCount, type Keys } from './keys.ts';

/** Between two fetches, whether the first went well or not (PyJWT GHSA-fhv5-28vv-h8m8). */
const minFetchGapMs = 30_000;

/** The keys behind an address: fetched in the background, and for a key that is not known. */
export function createRemoteKeys(
  config: Pick<JwtConfig, 'refresh' | 'stale'>,
  fetcher: KeyFetcher,
  context: ProviderContext,
): Keys {
  const { name, logger, metrics } = context;
  const store = createKeyStore();
  const backoff = createBackoff({ minMs: 1000, maxMs: minFetchGapMs });
  const stopped = new AbortController();
  let fetchedAt: number | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: string | undefined;
  let failures = 0;
  let fetching: Promise<boolean> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const usable = () => fetchedAt !== undefined && performance.now() - fetchedAt < config.stale;
  const succeed = (text: string) => {
    store.replace(parseJwks(text, false));
    fetchedAt = performance.now();
    failures = 0;
    failure = undefined;
    metrics.refreshed('success');
    return true;
  };
  const fail = (error: unknown) => {
    if (stopped.signal.aborted) return false;
    failures++;
    failure = describeError(error);
    metrics.refreshed('error');
    logger.warn({ provider: name, failures }, `cannot fetch the keys: ${failure}`);
    return false;
  };
  const schedule = () => {
    fetching = undefined;
    if (!stopped.signal.aborted) timer = setTimeout(() => void fetchNow(), nextDelay()).unref();
  };
  const nextDelay = () => {
    if (failures === 0) return config.refresh * (0.9 + Math.random() * 0.1);
    // Without any key nothing can be decided, so the first ones are asked for more eagerly.
    return backoff(failures) + (fetchedAt === undefined ? 0 : minFetchGapMs);
  };
  const fetchNow = () => {
    clearTimeout(timer);
    triedAt = performance.now();
    fetching ??= fetcher.fetch(stopped.signal).then(succeed).catch(fail).finally(schedule);
    return fetching;
  };
  return {
    store,
    usable,
    renew() {
      if (fetching !== undefined) return fetching;
      return performance.now() - triedAt < minFetchGapMs ? failures === 0 : fetchNow();
    },
    async start() {
      await fetchNow();
    },
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      await fetching;
      await fetcher.close();
    },
    check() {
      // Once ready it stays so: every replica asks the same issuer, and public routes still serve.
      const trouble = failure ?? 'not fetched yet';
      if (fetchedAt === undefined) return { ok: false, message: `no keys: ${trouble}` };
      return failure === undefined
        ? checkCount(store.size, 'the JWKS')
        : { ok: true, message: failure };
    },
  };
}
