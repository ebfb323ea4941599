import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../core/logger.ts';
import type { FollowConfig } from './config.ts';
import { createDirectoryCache } from './directories.ts';
import { compileExcludes, compileGlob } from './glob.ts';
import { compileSiblings } from './siblings.ts';

/** A file that a scan found. */
export interface Found {
  readonly path: string;
  readonly input: string;
  /** The name that the newest generation is written under; that of `path` unless it is rotated. */
  readonly log: string;
  readonly rotated: boolean;
  /** Device and inode, which stay with a file through renames. */
  readonly key: string;
  /** When the inode was made, to tell two files that had the same inode one after the other. */
  readonly birth: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface Discovery {
  /** Every file that the inputs name, in the order in which each log's generations were written. */
  scan(knownLogs: ReadonlyMap<string, string>): readonly Found[];
  /** Looks at one file again. @returns undefined when it is not there, or no file to follow */
  look(found: Pick<Found, 'path' | 'input' | 'log' | 'rotated'>): Found | undefined;
  /**
   * Looks at the directories again.
   * @returns whether the rotated files of a log are, by now, those that the last scan found
   */
  lookBeside(): (log: string, input: string) => boolean;
  /**
   * Whether bytes written at this path may be of a file that the last scan found, under whatever
   * name; what came since has been announced by its own name.
   */
  mayHold(path: string): boolean;
  /** The directories that the last scan went through, for a watch. */
  directories(): readonly string[];
}

interface Source {
  readonly input: string;
  readonly globs: readonly ReturnType<typeof compileGlob>[];
  readonly excluded: (path: string) => boolean;
  readonly siblings: ReturnType<typeof compileSiblings>;
}

export interface DiscoveryOptions {
  readonly inputs: Readonly<Record<string, FollowConfig>>;
  /** Our own directory, which is never a log. */
  readonly state: string | undefined;
  readonly logger: Logger;
}

export function createDiscovery({ inputs, state, logger }: DiscoveryOptions): Discovery {
  const sources = Object.entries(inputs).map(([input, config]) => compile(input, config));
  const own = state === undefined ? undefined : `${resolve(state)}/`;
  const directories = createDirectoryCache();
  const examine = createExaminer(logger);
  let watchable: readonly string[] = [];
  let targets: readonly string[] = [];
  let byName: ReadonlyMap<string, Found> = new Map();
  let agreed: readonly Found[] = [];

  const mayFollow = (source: Source) => (path: string) =>
    !source.excluded(path) && !(own && path.startsWith(own));
  const siblingsOf = (source: Source, log: string) =>
    source.siblings(log, directories).filter(mayFollow(source));
  const scanSource = (source: Source, knownLogs: ReadonlyMap<string, string>): Found[] => {
    const follows = mayFollow(source);
    const named = source.globs.flatMap((expand) => expand(directories)).filter(follows);
    const kept = [...knownLogs].flatMap(([log, input]) => (input === source.input ? [log] : []));
    const logs = [...new Set([...named, ...kept])].sort(byLength);
    const taken = new Set<string>();
    return logs.flatMap((log) => {
      if (taken.has(log)) return [];
      const fresh = siblingsOf(source, log).filter((path) => !taken.has(path));
      for (const path of fresh) taken.add(path);
      const older = fresh.map((path) => examine({ path, log, rotated: true, input: source.input }));
      const newest =
        follows(log) && examine({ path: log, log, rotated: false, input: source.input });
      return [...older.filter((one) => one !== undefined).sort(byAge), ...(newest ? [newest] : [])];
    });
  };
  const collect = (knownLogs: ReadonlyMap<string, string>): Found[] => {
    directories.begin();
    const found = sources.flatMap((source) => scanSource(source, knownLogs));
    byName = new Map(found.map((one) => [one.path, one]));
    return onceEach(found);
  };
  return {
    look: examine,
    lookBeside() {
      directories.begin();
      const before = Map.groupBy(
        [...byName.values()].filter(({ rotated }) => rotated),
        ({ log }) => log,
      );
      const isAsBefore = (path: string, log: string, input: string) =>
        isDeepStrictEqual(examine({ path, log, rotated: true, input }), byName.get(path));
      return (log, input) =>
        sources.every((source) => {
          if (source.input !== input) return true;
          const known = before.get(log) ?? [];
          const ours = siblingsOf(source, log).filter((p) => (byName.get(p)?.log ?? log) === log);
          return ours.length === known.length && ours.every((path) => isAsBefore(path, log, input));
        });
    },
    mayHold: (path) => byName.has(path) || targets.includes(dirname(path)),
    directories: () => watchable,
    scan(knownLogs) {
      let found = collect(knownLogs);
      // Files that are renamed while names are looked up can be missed, or seen under two names:
      // what two looks in a row agree on was so at one moment.
      for (let look = 0; look < looksAtMost && !sameNames(found, agreed); look++) {
        agreed = found;
        found = collect(knownLogs);
      }
      agreed = found;
      const links = found.filter(({ path }) => directories.isLink(path));
      targets = links.flatMap(targetDirectory);
      watchable = [...new Set([...directories.asked(), ...targets])];
      return found;
    },
  };
}

const looksAtMost = 5;

function targetDirectory({ path }: Found): string[] {
  try {
    return [dirname(realpathSync(path))];
  } catch {
    return []; // gone by now
  }
}

function sameNames(left: readonly Found[], right: readonly Found[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ path, key }, at) => right[at]?.path === path && right[at]?.key === key)
  );
}

function compile(input: string, { paths = [], exclude, rotated }: FollowConfig): Source {
  return {
    input,
    globs: paths.map(compileGlob),
    excluded: compileExcludes(exclude),
    siblings: compileSiblings(rotated),
  };
}

function byLength(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

/** Oldest first: `.3` before `.2` before `.1`, and else by time. */
function byAge(a: Found, b: Found): number {
  const [left, right] = [rotationNumber(a), rotationNumber(b)];
  if (left !== undefined && right !== undefined) return right - left;
  return a.mtimeMs - b.mtimeMs || byLength(a.path, b.path);
}

function rotationNumber({ path, log }: Found): number | undefined {
  const [, digits] = /^\.(\d{1,4})(?:\.gz)?$/.exec(path.slice(log.length)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** A file with several names (hard links, symbolic links, two globs) is followed once. */
function onceEach(found: readonly Found[]): Found[] {
  const seen = new Map<string, Found>();
  for (const one of found) if (!seen.has(one.key)) seen.set(one.key, one);
  return [...seen.values()];
}

function createExaminer(logger: Logger): Discovery['look'] {
  const complained = new Set<string>();
  const complain = (path: string, what: string) => {
    if (complained.has(path)) return;
    if (complained.size > 10_000) complained.clear();
    complained.add(path);
    logger.warn({ path }, `not followed: ${what}`);
  };
  return (place) => {
    const stats = statOf(place.path, complain);
    if (stats === undefined) return undefined;
    if (!stats.isFile()) {
      const { path } = place;
      const mend = stats.isFIFO() ? 'a named pipe; name it as `pipe:`' : 'not a regular file';
      if (!stats.isDirectory() || !place.rotated) complain(path, mend);
      return undefined;
    }
    return { ...place, ...describe(stats) };
  };
}

/** What a `Found` takes from the file's status. */
export function describe({ dev, ino, birthtimeNs, size, mtimeNs }: BigIntStats) {
  return {
    key: `${dev}:${ino}`,
    birth: String(birthtimeNs),
    size: Number(size),
    mtimeMs: Number(mtimeNs / 1000n) / 1000,
  };
}

function statOf(path: string, complain: (path: string, what: string) => void) {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    complain(path, error instanceof Error && 'code' in error ? String(error.code) : String(error));
    return undefined;
  }
}
