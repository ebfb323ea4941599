import { hash, randomBytes } from 'node:crypto';
import { type Finding, undecided } from './authenticator.ts';
import type { ProviderMetrics } from './metrics.ts';
import { createRecentMap } from './recent-map.ts';

/** What was found out about a credential, and for how long that is worth remembering. */
export interface Judgement {
  readonly finding: Finding;
  /** A rejection that another look cannot change soon: remembered for a few seconds. */
  readonly definitive?: boolean;
  /** Asked at every hit: whether what it rests on, such as a key, still holds. */
  readonly holds?: () => boolean;
}

export interface CredentialCacheOptions {
  /** How long a good credential is remembered at most, in milliseconds; 0 remembers nothing. */
  readonly ttl: number;
  readonly size: number;
  readonly metrics: ProviderMetrics;
  /** Credentials being judged at the same time; more are undecided. */
  readonly maxPending?: number;
}

export interface CredentialCache {
  /**
   * What is remembered of a credential, or else what `judge` says; asked once for all who show the
   * same credential at the same time.
   */
  look(credential: string, judge: () => Judgement | Promise<Judgement>): Finding | Promise<Finding>;
  clear(): void;
}

interface Entry {
  readonly finding: Finding;
  /** By the clock that never jumps. */
  readonly until: number;
  readonly expiresAt: number;
  readonly holds: (() => boolean) | undefined;
}

const negativeTtlMs = 5000;

/**
 * Remembers who a credential proved to be, never what it may do. The key is a keyed hash, so that a
 * look into the heap finds no credential; each authenticator has its own memory and its own key, so
 * that nothing judged by one is ever found by another, nor after a reload by its successor.
 */
export function createCredentialCache(options: CredentialCacheOptions): CredentialCache {
  const { ttl, size, metrics, maxPending = 256 } = options;
  const salt = randomBytes(32).toString('base64');
  const forgotten = (count: number) => {
    for (let i = 0; i < count; i++) metrics.cache('evicted');
  };
  const good = createRecentMap<Entry>(size, forgotten);
  const bad = createRecentMap<Entry>(Math.min(size, 1000)); // a flood of bad ones evicts no good one
  const pending = new Map<string, Promise<Finding>>();
  let epoch = 0;

  const remember = (key: string, { finding, definitive, holds }: Judgement, since: number) => {
    if (ttl === 0 || since !== epoch) return;
    const now = performance.now();
    if (finding.kind === 'proved') {
      const expiresAt = finding.identity.expiresAt ?? Number.POSITIVE_INFINITY;
      good.set(key, { finding, until: now + ttl, expiresAt, holds });
    } else if (finding.kind === 'rejected' && definitive === true) {
      const until = now + Math.min(ttl, negativeTtlMs);
      bad.set(key, { finding, until, expiresAt: Number.POSITIVE_INFINITY, holds });
    }
  };
  const recall = (key: string): Finding | undefined => {
    const entry = good.get(key) ?? bad.get(key);
    if (entry === undefined) return undefined;
    const current = performance.now() < entry.until && Date.now() < entry.expiresAt;
    if (current && (entry.holds === undefined || entry.holds())) return entry.finding;
    good.delete(key);
    bad.delete(key);
    return undefined;
  };
  const wait = (
    key: string,
    judging: Promise<Judgement>,
    since: number,
    started: number,
  ): Promise<Finding> => {
    const finding = judging
      .then((judgement) => {
        remember(key, judgement, since);
        return judgement.finding;
      })
      .finally(() => {
        pending.delete(key);
        metrics.took((performance.now() - started) / 1000);
      });
    pending.set(key, finding);
    return finding;
  };
  return {
    look(credential, judge) {
      const key = hash('sha256', salt + credential, 'base64');
      const known = recall(key);
      if (known !== undefined) {
        metrics.cache(known.kind === 'proved' ? 'hit' : 'negative_hit');
        return known;
      }
      const shared = pending.get(key);
      if (shared !== undefined) {
        metrics.cache('joined');
        return shared;
      }
      if (pending.size >= maxPending) {
        metrics.cache('busy');
        return undecided('busy');
      }
      metrics.cache('miss');
      const since = epoch;
      const started = performance.now();
      const judgement = judge();
      if (judgement instanceof Promise) return wait(key, judgement, since, started);
      metrics.took((performance.now() - started) / 1000);
      remember(key, judgement, since);
      return judgement.finding;
    },
    clear() {
      epoch++; // what is being judged now rests on what was before
      good.clear();
      bad.clear();
      pending.clear();
    },
  };
}
