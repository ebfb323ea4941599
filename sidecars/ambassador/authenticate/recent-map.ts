/** A map that forgets what was not looked at for long, so that it never grows beyond its size. */
export interface RecentMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
  readonly size: number;
}

/**
 * Two generations: entries go into the young one and, when looked up in the old one, back into it;
 * when the young one holds half the size, it becomes the old one. A lookup writes nothing while its
 * entry is young, unlike a list in the order of use.
 *
 * @param onForget told how many entries went with an old generation
 */
export function createRecentMap<V>(
  maxEntries: number,
  onForget: (count: number) => void = () => {},
): RecentMap<V> {
  const half = Math.max(1, Math.floor(maxEntries / 2));
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  const set = (key: string, value: V) => {
    young.set(key, value);
    if (young.size < half) return;
    if (old.size > 0) onForget(old.size);
    old = young;
    young = new Map();
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
