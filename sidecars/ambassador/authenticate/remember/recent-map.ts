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

interface Slot<V> {
  readonly value: V;
  readonly since: number;
  /** Whether it was looked at since it last stood at the end of the row. */
  asked: boolean;
}

/** How many that were looked at may be passed over in one search for room: a search stays short. */
const maxChances = 16;

/**
 * The entries stand in a row. Room is made by letting go of the first; one that was looked at goes to
 * the end instead, once for however many looks. So as many are kept as there is room for, in whatever
 * order they are asked for, and a look moves nothing, unlike in a list in the order of use.
 */
export function createRecentMap<V>(options: RecentMapOptions): RecentMap<V> {
  const { maxEntries, maxAgeMs, onForget } = options;
  const row = new Map<string, Slot<V>>();
  let keys = row.keys(); // kept: a new one would have to pass the places of all that are gone
  let first: string | undefined;

  const findFirst = (): string | undefined => {
    while (first === undefined || !row.has(first)) {
      const { done, value } = keys.next();
      if (done) keys = row.keys();
      if (done && row.size === 0) return undefined;
      first = value;
    }
    return first;
  };
  const append = (key: string, slot: Slot<V>) => {
    row.delete(key);
    row.set(key, slot);
    if (key === first) first = undefined;
  };
  const letGoOfAged = (now: number) => {
    for (let key = findFirst(); key !== undefined; key = findFirst()) {
      const slot = row.get(key);
      if (slot === undefined || now - slot.since <= 2 * maxAgeMs) return;
      row.delete(key);
    }
  };
  const makeRoom = () => {
    for (let chances = 0; ; chances++) {
      const key = findFirst();
      const slot = key === undefined ? undefined : row.get(key);
      if (key === undefined || slot === undefined) return;
      if (!slot.asked || chances === maxChances) {
        row.delete(key);
        onForget?.(1);
        return;
      }
      slot.asked = false;
      append(key, slot);
    }
  };
  return {
    get(key) {
      const slot = row.get(key);
      if (slot === undefined) return undefined;
      slot.asked = true;
      return slot.value;
    },
    set(key, value) {
      const now = performance.now();
      letGoOfAged(now);
      if (row.size >= maxEntries && !row.has(key)) makeRoom();
      append(key, { value, since: now, asked: false });
    },
    delete(key) {
      row.delete(key);
    },
    clear() {
      row.clear();
    },
    get size() {
      return row.size;
    },
  };
}
