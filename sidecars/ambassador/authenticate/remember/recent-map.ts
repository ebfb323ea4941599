/** A map that forgets what was not looked at for long, so that it never grows beyond its size. */
export interface RecentMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
  readonly size: number;
}

export interface RecentMapOptions {
  readonly maxEntries: number;
  /** How long entries are worth anything, in milliseconds: those of twice that age are let go. */
  readonly maxAgeMs: number;
  /** Told how many entries made room for others. */
  onForget?(count: number): void;
}

/**
 * Two generations: entries go into the young one and, when looked up in the old one, back into it;
 * when the young one holds half the size, or is old enough, it becomes the old one. A lookup writes
 * nothing while its entry is young, unlike a list in the order of use.
 */
export function createRecentMap<V>(options: RecentMapOptions): RecentMap<V> {
  const half = Math.max(1, Math.floor(options.maxEntries / 2));
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let turnedAt = performance.now();

  const turn = (now: number) => {
    old = young;
    young = new Map();
    turnedAt = now;
  };
  const set = (key: string, value: V) => {
    const now = performance.now();
    if (now - turnedAt > options.maxAgeMs) turn(now);
    young.set(key, value);
    if (young.size < half) return;
    if (old.size > 0) options.onForget?.(old.size);
    turn(now);
  };
  return {
    get(key) {
      const recent = young.get(key);
      if (recent !== undefined) return recent;
      const value = old.get(key);
      if (value === undefined) return undefined;
      old.delete(key);
      set(key, value);
      return value;
    },
    set(key, value) {
      old.delete(key);
      set(key, value);
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young.clear();
      old.clear();
    },
    get size() {
      return young.size + old.size;
    },
  };
}
