import { growHead, sizeOf } from '../generations/copies.ts';
import type { Descriptors } from '../generations/descriptors.ts';
import type { Generation } from '../generations/generation.ts';
import type { Log } from '../remember/ledger.ts';
import type { BlockReader } from './blocks.ts';
import type { Gate } from './gate.ts';
import type { Limits } from './long-lines.ts';

/** `waiting` is for something else than room: a scan, or decompression. */
export type Progress = 'done' | 'more' | 'waiting';

export interface LogReaderOptions {
  readonly descriptors: Descriptors;
  readonly gate: Gate;
  readonly blocks: BlockReader;
  limitsOf(generation: Generation): Limits | undefined;
  /** Reads a compressed generation. @returns whether it is done */
  readArchive(generation: Generation, limits: Limits): boolean;
  /** A scan is needed: a file holds something else than before, or was renamed. */
  changed(): void;
  /** The file cannot be read, though it is there. */
  failed(generation: Generation, error: unknown): void;
}

// Fairness between logs: so much of one, then the next one has its turn.
const turnBytes = 4 * 1024 * 1024;

/**
 * Reads a log's generations in the order in which they were written: a newer one only when the
 * older ones are at their end.
 */
export function createLogReader(options: LogReaderOptions): (log: Log) => Progress {
  const read = createGenerationReader(options);
  return (log) => {
    for (const generation of log.generations) {
      if (!generation.dirty) continue;
      const progress = generation.suspect ? 'waiting' : read(generation);
      if (progress !== 'done') return progress;
      generation.dirty = false;
    }
    return 'done';
  };
}

function createGenerationReader(options: LogReaderOptions): (generation: Generation) => Progress {
  const { descriptors, gate, blocks } = options;
  const suspect = (generation: Generation): Progress => {
    if (generation.goneAt !== undefined) return 'done'; // truncated and deleted: nothing to be had
    generation.suspect = true;
    options.changed();
    return 'waiting';
  };
  const readOpen = (generation: Generation, fd: number, limits: Limits): Progress => {
    if (!refresh(generation, fd)) return suspect(generation);
    const end = generation.searched + turnBytes;
    while (!gate.isFull() && generation.searched < end) {
      const result = blocks.read(generation, fd, limits);
      generation.size = Math.max(generation.size, generation.searched);
      if (result === 'changed') return suspect(generation);
      if (result === 'end') return 'done';
    }
    return 'more';
  };
  return (generation) => {
    const limits = options.limitsOf(generation);
    if (limits === undefined) return 'done';
    if (generation.place.gzip) return options.readArchive(generation, limits) ? 'done' : 'waiting';
    const fd = descriptors.open(generation);
    if (fd === undefined) {
      const { goneAt } = generation;
      if (goneAt !== undefined || descriptors.isUnreadable(generation)) return 'done';
      options.changed(); // it was renamed since the last scan; what is newer must wait for it
      return 'waiting';
    }
    try {
      return readOpen(generation, fd, limits);
    } catch (error) {
      if (!isReadError(error)) throw error;
      options.failed(generation, error);
      return 'done'; // tried again at the next scan, with a new descriptor (ESTALE of NFS)
    }
  };
}

/** Looks at the file's size and head. @returns whether it can still be what it was */
function refresh(generation: Generation, fd: number): boolean {
  const head = growHead(fd, generation.head);
  const size = sizeOf(fd);
  // Also what was not read yet may have been copied and truncated: the copy is to come first.
  if (head === undefined || size < generation.size) return false;
  // Other lines may have been in it since the last scan, and have been copied and truncated away. A
  // scan from here on shows that copy; the head then shows whether the file is still the same.
  const { rotated, goneAt } = generation;
  const isNew = generation.head.length === 0 && head.length > 0 && !rotated && goneAt === undefined;
  generation.size = size;
  generation.head = head;
  return !isNew;
}

function isReadError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall !== 'write';
}
