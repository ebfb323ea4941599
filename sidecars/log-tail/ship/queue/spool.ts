import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../sink.ts';

export interface SpoolOptions {
  /** A directory that belongs to one output alone. */
  readonly path: string;
  readonly bytes: number;
}

/** Batches on disk, the oldest first; those of an earlier run are still there. */
export interface Spool {
  /** Puts a batch behind all others. @returns false when it does not fit */
  push(batch: Batch): boolean;
  /** Puts a batch before all others. @returns false when it does not fit */
  unshift(batch: Batch): boolean;
  oldest(): Batch | undefined;
  /** Removes the oldest, or one of those behind it. @returns how many records that were */
  remove(at: number): number;
  readonly bytes: () => number;
  readonly count: () => number;
}

interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly records: number;
}

const namePattern = /^(\d{12})-(\d+)\.batch$/;
/** Where turns begin: there is room before and behind. */
const middleTurn = 5e11;

/**
 * A file for each batch, named by its turn and how many records are in it. Written whole under
 * another name first, so that a crash leaves no half of one.
 * @throws when the directory cannot be made or read
 */
export function openSpool({ path, bytes: maxBytes }: SpoolOptions): Spool {
  mkdirSync(path, { recursive: true });
  const entries = readEntries(path);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  let firstTurn = turnOf(entries[0]) ?? middleTurn;
  let lastTurn = turnOf(entries.at(-1)) ?? middleTurn - 1;
  const write = ({ body, records }: Batch, turn: number): Entry => {
    const name = `${String(turn).padStart(12, '0')}-${records}.batch`;
    const unfinished = join(path, 'unfinished');
    writeFileSync(unfinished, body);
    renameSync(unfinished, join(path, name));
    bytes += body.length;
    return { name, bytes: body.length, records };
  };
  const remove = (at: number) => {
    const [entry] = entries.splice(at, 1);
    if (entry === undefined) return 0;
    bytes -= entry.bytes;
    rmSync(join(path, entry.name), { force: true });
    return entry.records;
  };
  return {
    push(batch) {
      if (bytes + batch.body.length > maxBytes) return false;
      entries.push(write(batch, lastTurn + 1));
      lastTurn += 1;
      return true;
    },
    unshift(batch) {
      if (bytes + batch.body.length > maxBytes) return false;
      entries.unshift(write(batch, firstTurn - 1));
      firstTurn -= 1;
      return true;
    },
    oldest() {
      const [entry] = entries;
      if (entry === undefined) return undefined;
      return { body: readFileSync(join(path, entry.name)), records: entry.records };
    },
    remove,
    bytes: () => bytes,
    count: () => entries.length,
  };
}

function turnOf(entry: Entry | undefined): number | undefined {
  const turn = namePattern.exec(entry?.name ?? '')?.[1];
  return turn === undefined ? undefined : Number(turn);
}

function readEntries(path: string): Entry[] {
  const names = readdirSync(path).filter((name) => namePattern.test(name));
  return names.sort().map((name) => ({
    name,
    bytes: statSync(join(path, name)).size,
    records: Number(namePattern.exec(name)?.[2] ?? 0),
  }));
}
