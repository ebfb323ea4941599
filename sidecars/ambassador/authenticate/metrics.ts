import type { Counter, Histogram, Metrics } from '../../core/metrics.ts';
import type { Finding } from './authenticator.ts';

const results = ['absent', 'proved', 'rejected', 'forbidden', 'undecided'] as const;
const cacheEvents = ['hit', 'negative_hit', 'miss', 'joined', 'busy', 'evicted'] as const;
const refreshResults = ['success', 'error'] as const;

export type CacheEvent = (typeof cacheEvents)[number];

/** Where one authenticator counts what it does. */
export interface ProviderMetrics {
  found(kind: Finding['kind']): void;
  /** How long a credential took that was not in the cache. */
  took(seconds: number): void;
  cache(event: CacheEvent): void;
  /** One attempt to fetch keys, or to read a key or password file again. */
  refreshed(result: 'success' | 'error'): void;
}

/** The metrics of all authenticators; made once for a registry, they outlive a reload. */
export interface AuthMetrics {
  provider(name: string): ProviderMetrics;
}

export function createAuthMetrics(metrics: Metrics): AuthMetrics {
  const auth = tally(metrics, {
    name: 'podmates_ambassador_auth_total',
    help: 'Credentials looked at, by the authenticator and what came of it.',
    label: 'result',
    values: results,
  });
  const cache = tally(metrics, {
    name: 'podmates_ambassador_auth_cache_events_total',
    help: 'What the cache of checked credentials did.',
    label: 'event',
    values: cacheEvents,
  });
  const refresh = tally(metrics, {
    name: 'podmates_ambassador_auth_refreshes_total',
    help: 'Attempts to fetch a JWKS, or to read a changed key or password file.',
    label: 'result',
    values: refreshResults,
  });
  const duration: Histogram<'provider'> = metrics.histogram({
    name: 'podmates_ambassador_auth_duration_seconds',
    help: 'Time to judge a credential that could not be answered at once from memory.',
    labelNames: ['provider'],
    buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const known = new Map<string, ProviderMetrics>();
  const create = (provider: string): ProviderMetrics => {
    duration.zero({ provider });
    return {
      found: auth(provider),
      cache: cache(provider),
      refreshed: refresh(provider),
      took: (seconds) => duration.observe({ provider }, seconds),
    };
  };
  return {
    provider(name) {
      const made = known.get(name) ?? create(name);
      known.set(name, made);
      return made;
    },
  };
}

interface TallyOptions<V extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly values: readonly V[];
}

/**
 * A counter kept as plain numbers until it is scraped: the client's `inc` costs as much as finding
 * a token in the cache, and every request passes here.
 */
function tally<V extends string>(
  metrics: Metrics,
  { name, help, label, values }: TallyOptions<V>,
): (provider: string) => (value: V) => void {
  const counts = new Map<string, Record<V, number>>();
  metrics.counter<string>({
    name,
    help,
    labelNames: ['provider', label],
    collect(this: Counter<string>) {
      this.reset();
      for (const [provider, row] of counts) {
        for (const value of values) this.inc({ provider, [label]: value }, row[value]);
      }
    },
  });
  return (provider) => {
    const row = Object.fromEntries(values.map((value) => [value, 0])) as Record<V, number>;
    counts.set(provider, row);
    return (value) => {
      row[value]++;
    };
  };
}
