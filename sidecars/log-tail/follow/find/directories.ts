import { readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Directories } from './glob.ts';

/** Listings of directories, read again only when a directory has changed. */
export interface DirectoryCache extends Directories {
  /** Begins a scan: every directory is looked at once in it. */
  begin(): void;
  /** Whether the last part of a path is a symbolic link. */
  isLink(path: string): boolean;
  /** The directories asked for in this scan. */
  asked(): readonly string[];
}

interface Listing {
  readonly mtimeNs: bigint;
  readonly settled: boolean;
  readonly names: readonly string[];
  readonly subdirectories: readonly string[];
  readonly links: ReadonlySet<string>;
}

// A directory's time moves in steps of up to 10 ms (a kernel tick): what was listed within the
// same step may have changed since without showing.
const settleMs = 50;

const absent: Listing = {
  mtimeNs: 0n,
  settled: false,
  names: [],
  subdirectories: [],
  links: new Set(),
};

export function createDirectoryCache(): DirectoryCache {
  const known = new Map<string, Listing>();
  const current = new Map<string, Listing>();
  const look = (directory: string): Listing => {
    const now = current.get(directory);
    if (now !== undefined) return now;
    const listing = list(directory, known.get(directory));
    known.set(directory, listing);
    current.set(directory, listing);
    return listing;
  };
  return {
    begin: () => current.clear(),
    asked: () => [...current.keys()],
    isLink: (path) => look(dirname(path)).links.has(basename(path)),
    names: (directory) => look(directory).names,
    subdirectories: (directory) => look(directory).subdirectories,
  };
}

function list(directory: string, before: Listing | undefined): Listing {
  try {
    const { mtimeNs, mtimeMs } = statSync(directory, { bigint: true });
    if (before?.settled && before.mtimeNs === mtimeNs) return before;
    const settled = Date.now() - Number(mtimeMs) > settleMs;
    const entries = readdirSync(directory, { withFileTypes: true });
    const names = entries.map(({ name }) => name).sort();
    const subdirectories = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
    return { mtimeNs, settled, names, subdirectories, links: new Set(links) };
  } catch {
    return absent; // not there (yet)
  }
}
