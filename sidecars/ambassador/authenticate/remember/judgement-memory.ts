import type { Finding } from '../authenticator.ts';
import { createRecentMap } from './recent-map.ts';

/** What was found out about a credential, and whether that is worth remembering. */
export interface Judgement {
  readonly finding: Finding;
  /** A refusal that another look cannot change soon: remembered for a few seconds. */
  readonly definitive?: boolean;
  /** Asked at every hit: whether what it rests on, such as a key, still holds. */
  readonly holds?: () => boolean;
}

export interface JudgementMemory {
  recall(key: string): Finding | undefined;
  remember(key: string, judgement: Judgement): void;
  clear(): void;
}

interface Entry {
  readonly finding: Finding;
  /** By the clock that never jumps. */
  readonly until: number;
  readonly expiresAt: number;
  readonly holds: (() => boolean) | undefined;
}

export interface JudgementMemoryOptions {
  /** How long anything is remembered at most, in milliseconds; 0 remembers nothing. */
  readonly ttl: number;
  readonly size: number;
  /** Told how many good ones made room for others. */
  onForget(count: number): void;
}

const maxNegativeTtlMs = 5000;

/** Keeps the good and the bad apart, so that a flood of bad credentials drives out no good one. */
export function createJudgementMemory(options: JudgementMemoryOptions): JudgementMemory {
  const { ttl, size: maxEntries, onForget } = options;
  const negativeTtl = Math.min(ttl, maxNegativeTtlMs);
  const good = createRecentMap<Entry>({ maxEntries, maxAgeMs: ttl, onForget });
  const bad = createRecentMap<Entry>({
    maxEntries: Math.min(maxEntries, 1000),
    maxAgeMs: negativeTtl,
  });
  return {
    recall(key) {
      const entry = good.get(key) ?? bad.get(key);
      if (entry === undefined) return undefined;
      const current = performance.now() < entry.until && Date.now() < entry.expiresAt;
      if (current && (entry.holds === undefined || entry.holds())) return entry.finding;
      good.delete(key);
      bad.delete(key);
      return undefined;
    },
    remember(key, { finding, definitive, holds }) {
      if (ttl === 0) return;
      const now = performance.now();
      if (finding.kind === 'proved') {
        const expiresAt = finding.identity.expiresAt ?? Number.POSITIVE_INFINITY;
        good.set(key, { finding, until: now + ttl, expiresAt, holds });
      } else if (definitive === true) {
        const until = now + negativeTtl;
        bad.set(key, { finding, until, expiresAt: Number.POSITIVE_INFINITY, holds });
      }
    },
    clear() {
      good.clear();
      bad.clear();
    },
  };
}
