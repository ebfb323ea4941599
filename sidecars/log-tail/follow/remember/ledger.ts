import type { Generation, Place } from '../generations/generation.ts';
import type { Head } from '../generations/identity.ts';

/** A generation that is not to be had any more, known by its head when it comes back compressed. */
export interface Past {
  readonly head: Head;
  /** Where its rest begins: everything before has been delivered. */
  readonly offset: number;
}

/** Everything written under one name, the oldest generation first. */
export interface Log {
  readonly path: string;
  readonly input: string;
  generations: Generation[];
  readonly past: Past[];
}

/** All generations that are followed. */
export interface Ledger {
  readonly logs: ReadonlyMap<string, Log>;
  log(path: string, input: string): Log;
  /** The generation whose bytes are in the file with this device and inode. */
  at(key: string): Generation | undefined;
  byId(id: string): Generation | undefined;
  all(): Iterable<Generation>;
  /** Logs of which something may be read; who has read one to its end removes it. */
  readonly pending: Set<Log>;
  /** There may be something to read of this generation. */
  touch(generation: Generation): void;
  count(): number;
  /** Adds a generation as the newest of its log. */
  add(generation: Generation): void;
  /** Its bytes are in another file from now on. */
  move(generation: Generation, place: Place): void;
  /** Its bytes are nowhere any more, or all delivered and deleted. */
  remove(generation: Generation): void;
  /** Says in which order the generations that can be seen were written. */
  sort(rank: ReadonlyMap<string, number>): void;
}

const pastKept = 32;

export function createLedger(): Ledger {
  const logs = new Map<string, Log>();
  const keys = new Map<string, Generation>();
  const ids = new Map<string, Generation>();
  const vacate = (generation: Generation) => {
    if (keys.get(generation.place.key) === generation) keys.delete(generation.place.key);
  };
  const log = (path: string, input: string): Log => {
    const known = logs.get(path) ?? { path, input, generations: [], past: [] };
    logs.set(path, known);
    return known;
  };
  const pending = new Set<Log>();
  const touch = (generation: Generation) => {
    generation.dirty = true;
    pending.add(log(generation.log, generation.file.input));
  };
  return {
    logs,
    log,
    pending,
    touch,
    at: (key) => keys.get(key),
    byId: (id) => ids.get(id),
    all: () => ids.values(),
    count: () => ids.size,
    add(generation) {
      ids.set(generation.file.id, generation);
      keys.set(generation.place.key, generation);
      log(generation.log, generation.file.input).generations.push(generation);
      if (generation.dirty) touch(generation);
    },
    move(generation, place) {
      vacate(generation);
      generation.place = place;
      keys.set(place.key, generation);
      touch(generation);
    },
    remove(generation) {
      vacate(generation);
      ids.delete(generation.file.id);
      const one = logs.get(generation.log);
      if (one === undefined) return;
      one.generations = one.generations.filter((other) => other !== generation);
      if (generation.head.length > 0) {
        one.past.push({ head: generation.head, offset: generation.acknowledged });
        if (one.past.length > pastKept) one.past.shift();
      }
    },
    sort(rank) {
      for (const one of logs.values()) {
        if (one.generations.length > 1) one.generations.sort(byRank(rank));
      }
    },
  };
}

/** What vanished from sight was written before all that can be seen. */
function byRank(rank: ReadonlyMap<string, number>) {
  const of = ({ place }: Generation) => rank.get(place.key) ?? -1;
  return (a: Generation, b: Generation) => of(a) - of(b);
}
