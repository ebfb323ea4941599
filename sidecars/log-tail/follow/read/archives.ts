import { closeSync, createReadStream, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { Logger } from '../../../core/logger.ts';
import type { Found } from '../find/discover.ts';
import { openFound, sizeOf } from '../generations/copies.ts';
import type { Descriptors } from '../generations/descriptors.ts';
import { createGeneration, type Generation, placeAt } from '../generations/generation.ts';
import { type Head, hashHead, headBytes, startsWith } from '../generations/identity.ts';
import type { Ledger, Log } from '../remember/ledger.ts';

/** Rotated files that were compressed: their rest is read by the offset in what was compressed. */
export interface Archives {
  /** Decides whether a compressed file holds anything that was not read yet. */
  consider(candidate: Found, log: Log, first: boolean): void;
}

export interface ArchivesOptions {
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly logger: Logger;
  /** How long a compressed file must be untouched to be taken for finished, in milliseconds. */
  readonly settleMs: number;
}

/** What can be said of a compressed file without reading it all. */
interface Summary {
  readonly head: Buffer;
  /** How much was compressed, modulo 2^32 (RFC 1952 section 2.3.1, ISIZE). */
  readonly size: number;
}

export function createArchives({
  ledger,
  descriptors,
  logger,
  settleMs,
}: ArchivesOptions): Archives {
  const add = (candidate: Found, size: number, offset: number) => {
    const generation = createGeneration(candidate, 0, performance.now());
    generation.size = size;
    placeAt(generation, offset, Buffer.alloc(0));
    generation.dirty = offset < size;
    ledger.add(generation);
  };
  const isStillPlain = (log: Log, { head }: Summary) =>
    log.generations.some((generation) => {
      if (generation.place.gzip || generation.goneAt !== undefined) return false;
      const fd = descriptors.open(generation);
      return fd !== undefined && startsWith(fd, hashHead(head));
    });
  const moveTo = (generation: Generation, { path, key, birth }: Found, size: number) => {
    descriptors.close(generation);
    ledger.move(generation, { key, birth, path, gzip: true });
    generation.file.path = path;
    generation.rotated = true;
    generation.size = size;
    generation.goneAt = undefined;
  };
  return {
    consider(candidate, log, first) {
      if (Date.now() - candidate.mtimeMs < settleMs) return;
      const summary = summarize(candidate);
      if (summary === undefined || isStillPlain(log, summary)) return;
      if (first) return add(candidate, summary.size, summary.size); // old archives stay unread
      const lost = log.generations.find(
        ({ goneAt, head }) => goneAt !== undefined && beginsWith(summary.head, head),
      );
      if (lost !== undefined && descriptors.get(lost) !== undefined) return; // read to its end as it is
      if (lost !== undefined && lost.offset <= summary.size)
        return moveTo(lost, candidate, summary.size);
      const offset = findOffset(log, summary);
      if (offset < summary.size) {
        logger.info({ path: candidate.path, offset }, 'reading the rest of a compressed file');
      }
      add(candidate, summary.size, offset);
    },
  };
}

/** Where the rest of something that was read before begins; 0 for what was not. */
function findOffset({ past }: Log, { head, size }: Summary): number {
  const known = past.filter((one) => one.offset <= size && beginsWith(head, one.head));
  const surest = Math.max(...known.map((one) => one.head.length));
  return known.findLast((one) => one.head.length === surest)?.offset ?? 0;
}

function beginsWith(bytes: Buffer, { length, hash }: Head): boolean {
  return length > 0 && bytes.length >= length && hashHead(bytes.subarray(0, length)).hash === hash;
}

function summarize(candidate: Found): Summary | undefined {
  const fd = openFound(candidate);
  if (fd === undefined) return undefined;
  try {
    const size = sizeOf(fd);
    const start = Buffer.alloc(Math.min(size, 4096));
    const end = Buffer.alloc(4);
    readSync(fd, start, 0, start.length, 0);
    readSync(fd, end, 0, 4, Math.max(0, size - 4));
    const head = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    return { head: Buffer.from(head.subarray(0, headBytes)), size: end.readUInt32LE(0) };
  } catch {
    return undefined; // not finished, or no gzip at all
  } finally {
    closeSync(fd);
  }
}

export interface ArchiveReading {
  /** Of the compressed file; closed at the end. By name it could be another by now. */
  readonly fd: number;
  /** How many bytes of what was compressed were read before. */
  readonly offset: number;
  readonly signal: AbortSignal;
}

/** What was compressed into a file, from an offset on, in pieces. */
export async function* readArchive({ fd, offset, signal }: ArchiveReading): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  // The pipeline's error also ends the iteration below, with the same error.
  pipeline(createReadStream('', { fd, start: 0, signal }), unpacked, () => {});
  let position = 0;
  for await (const chunk of unpacked) {
    if (!Buffer.isBuffer(chunk)) continue;
    const from = Math.max(0, offset - position);
    position += chunk.length;
    if (from < chunk.length) yield chunk.subarray(from);
  }
}
