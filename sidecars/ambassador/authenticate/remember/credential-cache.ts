import { hash, randomBytes } from 'node:crypto';
import { type Finding, undecided } from '../authenticator.ts';
import type { ProviderMetrics } from '../metrics.ts';
import { createJudgementMemory, type Judgement } from './judgement-memory.ts';

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
  /** Forgets everything, and what is being judged right now as well. */
  clear(): void;
}

/**
 * Remembers who a credential proved to be, never what it may do. The key is a keyed hash, so that a
 * look into the heap finds no credential; each authenticator has its own memory and its own key, so
 * that nothing judged by one is ever found by another, nor after a reload by its successor.
 */
export function createCredentialCache(options: CredentialCacheOptions): CredentialCache {
  const { metrics, maxPending = 256 } = options;
  const salt = randomBytes(32).toString('base64');
  const memory = createJudgementMemory({
    ...options,
    onForget(count) {
      for (let i = 0; i < count; i++) metrics.cache('evicted');
    },
  });
  let pending = new Map<string, Promise<Finding>>();

  /** Remembers nothing when everything was forgotten in the meantime: it rests on what was before. */
  const share = (key: string, judging: Promise<Judgement>, started: number): Promise<Finding> => {
    const current = pending;
    const finding = judging
      .then((judgement) => {
        if (current === pending) memory.remember(key, judgement);
        return judgement.finding;
      })
      .finally(() => {
        current.delete(key);
        metrics.took((performance.now() - started) / 1000);
      });
    current.set(key, finding);
    return finding;
  };
  const judgeNow = (key: string, judge: () => Judgement | Promise<Judgement>) => {
    const started = performance.now();
    const judgement = judge();
    if (judgement instanceof Promise) return share(key, judgement, started);
    metrics.took((performance.now() - started) / 1000);
    memory.remember(key, judgement);
    return judgement.finding;
  };
  return {
    look(credential, judge) {
      const key = hash('sha256', salt + credential, 'base64');
      const known = memory.recall(key);
      if (known !== undefined) {
        metrics.cache(known.kind === 'proved' ? 'hit' : 'negative_hit');
        return known;
      }
      const shared = pending.get(key);
      const event = shared ? 'joined' : pending.size < maxPending ? 'miss' : 'busy';
      metrics.cache(event);
      return shared ?? (event === 'busy' ? undecided('busy') : judgeNow(key, judge));
    },
    clear() {
      memory.clear();
      pending = new Map();
    },
  };
}
