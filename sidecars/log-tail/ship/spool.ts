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
import type { Batch } from './sink.ts';

export interface SpoolOptions {
  /** A directory that belongs to one output alone. */
  readonly path: string;
  readonly bytes: number;
}

/** Batches on disk, the oldest first; those of an earlier run are still there. */
export interface Spool {
  /** @returns false when it does not fit */
  push(batch: Batch): boolean;
  oldest(): Batch | undefined;
  /** Removes the oldest. @returns how many records that were */
  shift(): number;
  readonly bytes: () => number;
  readonly count: () => number;
}

interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly records: number;
}

const namePattern = /^(\d{12})-(\d+)\.batch$/;

/**
 * A file for each batch, named by its turn and how many records are in it. Written whole under
 * another name first, so that a crash leaves no half of one.
 * @throws when the directory cannot be made or read
 */
export function openSpool({ path, bytes: maxBytes }: SpoolOptions): Spool {
  mkdirSync(path, { recursive: true });
  const entries = readEntries(path);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  let turn = Number(namePattern.exec(entries.at(-1)?.name ?? '')?.[1] ?? 0);
  const shift = () => {
    const entry = entries.shift();
    if (entry === undefined) return 0;
    bytes -= entry.bytes;
    rmSync(join(path, entry.name), { force: true });
    return entry.records;
  };
  return {
    push({ body, records }) {
      if (bytes + body.length > maxBytes) return false;
      turn += 1;
      const name = `${String(turn).padStart(12, '0')}-${records}.batch`;
      const unfinished = join(path, 'unfinished');
      writeFileSync(unfinished, body);
      renameSync(unfinished, join(path, name));
      entries.push({ name, bytes: body.length, records });
      bytes += body.length;
      return true;
    },
    oldest() {
      const [entry] = entries;
      if (entry === undefined) return undefined;
      return { body: readFileSync(join(path, entry.name)), records: entry.records };
    },
    shift,
    bytes: () => bytes,
    count: () => entries.length,
  };
}

function readEntries(path: string): Entry[] {
  const names = readdirSync(path).filter((name) => namePattern.test(name));
  return names.sort().map((name) => ({
    name,
    bytes: statSync(join(path, name)).size,
    records: Number(namePattern.exec(name)?.[2] ?? 0),
  }));
}
