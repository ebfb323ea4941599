import type { Dropped } from './collector.ts';

/** What was dropped for one reason of one metric: the first of them stands for all. */
export interface DroppedKind extends Dropped {
  readonly count: number;
}

export interface Tally {
  add(dropped: Dropped): void;
  kinds(): readonly DroppedKind[];
}

/** So many kinds are kept apart; a module may invent metric names without end. */
const maxKinds = 500;

/** Counts what is dropped by kind, so that a hostile document cannot fill the memory with it. */
export function createTally(): Tally {
  const counts = new Map<string, { readonly first: Dropped; count: number }>();
  return {
    add(dropped) {
      const { reason, metric, quiet } = dropped;
      const key = `${reason} ${quiet === true} ${counts.size < maxKinds ? metric : ''}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { first: dropped, count: 1 });
      else known.count += 1;
    },
    kinds: () => [...counts.values()].map(({ first, count }) => ({ ...first, count })),
  };
}
