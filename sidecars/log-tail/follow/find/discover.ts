import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Logger } from '../../../core/logger.ts';
import type { FollowConfig } from '../config.ts';
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
  let names: ReadonlySet<string> = new Set();
  let agreed: readonly Found[] = [];

  const scanSource = (source: Source, knownLogs: ReadonlyMap<string, string>): Found[] => {
    const mayFollow = (path: string) => !source.excluded(path) && !(own && path.startsWith(own));
    const named = source.globs.flatMap((expand) => expand(directories)).filter(mayFollow);
    const kept = [...knownLogs].flatMap(([log, input]) => (input === source.input ? [log] : []));
    const logs = [...new Set([...named, ...kept])].sort(byLength);
    const taken = new Set<string>();
    return logs.flatMap((log) => {
      if (taken.has(log)) return [];
      const siblings = source.siblings(log, directories).filter(mayFollow);
      const fresh = siblings.filter((path) => !taken.has(path));
      for (const path of fresh) taken.add(path);
      const older = fresh.map((path) => examine({ path, log, rotated: true, input: source.input }));
      const newest =
        mayFollow(log) && examine({ path: log, log, rotated: false, input: source.input });
      return [...older.filter((one) => one !== undefined).sort(byAge), ...(newest ? [newest] : [])];
    });
  };
  const collect = (knownLogs: ReadonlyMap<string, string>): Found[] => {
    directories.begin();
    const found = sources.flatMap((source) => scanSource(source, knownLogs));
    names = new Set(found.map(({ path }) => path));
    return onceEach(found);
  };
  return {
    look: examine,
    mayHold: (path) => names.has(path) || targets.includes(dirname(path)),
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
