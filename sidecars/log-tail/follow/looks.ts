import type { Discovery, Found } from './find/discover.ts';
import type { Generation } from './generations/generation.ts';
import type { Ledger } from './remember/ledger.ts';
import type { Sightings } from './sightings.ts';

/** The ways of looking for what has changed. The latter two say false when all must be looked at. */
export interface Looks {
  all(first: boolean): void;
  at(generations: readonly Generation[]): boolean;
  atPaths(paths: ReadonlySet<string>): boolean;
}

export function createLooks(ledger: Ledger, discovery: Discovery, sightings: Sightings): Looks {
  let paths: Map<string, Generation> | undefined;
  const again = ({ place, file, log, rotated }: Generation): Found | undefined =>
    discovery.look({ path: place.path, input: file.input, log, rotated });
  const byPath = () => {
    paths ??= new Map([...ledger.all()].map((one) => [one.place.path, one]));
    return paths;
  };
  return {
    all(first: boolean) {
      paths = undefined;
      const logs = new Map([...ledger.logs].map(([path, { input }]) => [path, input]));
      sightings.seeAll(discovery.scan(logs), first);
    },
    at: (generations: readonly Generation[]) => {
      for (const one of generations) if (one.goneAt !== undefined) ledger.touch(one);
      const seen = generations.filter(({ goneAt }) => goneAt === undefined);
      return sightings.seeSome(seen.map(again));
    },
    atPaths(changed: ReadonlySet<string>) {
      const known = [...changed].map((path) => byPath().get(path));
      const found = known.filter((one) => one !== undefined);
      // A name that is not known may be a new file, or the directory itself.
      return sightings.seeSome(found.map(again)) && found.length === known.length;
    },
  };
}
