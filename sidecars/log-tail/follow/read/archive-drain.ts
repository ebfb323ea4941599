import { describeError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { isThere, openFound } from '../generations/copies.ts';
import { type Generation, unread } from '../generations/generation.ts';
import { readArchive } from './archives.ts';
import type { Block } from './blocks.ts';
import { createChunkLines } from './chunk-lines.ts';
import type { Gate } from './gate.ts';
import type { Limits } from './long-lines.ts';
import type { RecordLoss } from './losses.ts';

/** Reads compressed generations, which cannot be done in one go as with plain ones. */
export interface ArchiveDrain {
  /** Begins to read, or goes on. @returns whether it is done */
  drain(generation: Generation, limits: Limits): boolean;
  close(): void;
}

export interface ArchiveDrainOptions {
  hand(generation: Generation, block: Block, partial: boolean): void;
  readonly gate: Gate;
  wake(): void;
  /** A file is not where it was: look where it is now. */
  changed(): void;
  readonly recordLoss: RecordLoss;
  readonly logger: Logger;
}

export function createArchiveDrain(options: ArchiveDrainOptions): ArchiveDrain {
  const running = new Set<Generation>();
  const ending = new AbortController();
  let room = Promise.withResolvers<void>();

  options.gate.onRoom(() => {
    room.resolve();
    room = Promise.withResolvers();
  });
  const untilRoom = async () => {
    while (options.gate.isFull() && !ending.signal.aborted) await room.promise;
  };
  const giveUp = (generation: Generation, reason: string) => {
    const { path } = generation.file;
    options.logger.error({ path }, `cannot read the compressed file: ${reason}`);
    options.recordLoss(generation, 'unreadable');
    skipToEnd(generation);
  };
  const run = async (generation: Generation, fd: number, limits: Limits) => {
    try {
      await readAll(options, generation, { fd, limits, signal: ending.signal, untilRoom });
    } catch (error) {
      if (ending.signal.aborted) return;
      giveUp(generation, describeError(error));
    }
    skipToEnd(generation);
    running.delete(generation);
    options.wake();
  };
  return {
    drain(generation, limits) {
      if (unread(generation) === 0) return true;
      if (running.has(generation)) return false;
      const fd = openFound(generation.place);
      if (fd !== undefined) {
        running.add(generation);
        void run(generation, fd, limits);
        return false;
      }
      if (generation.goneAt !== undefined) return true;
      if (isThere(generation.place)) giveUp(generation, 'it cannot be opened');
      else options.changed(); // it was renamed since the last scan; what is newer must wait for it
      return false;
    },
    close() {
      ending.abort();
      room.resolve();
    },
  };
}

function skipToEnd(generation: Generation): void {
  generation.offset = Math.max(generation.offset, generation.size);
}

interface Reading {
  readonly fd: number;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  untilRoom(): Promise<void>;
}

/** Hands on the lines behind the generation's offset; they are in memory only piece by piece. */
async function readAll(
  { hand }: ArchiveDrainOptions,
  generation: Generation,
  { fd, limits, signal, untilRoom }: Reading,
): Promise<void> {
  const lines = createChunkLines({
    limits,
    offset: generation.offset,
    hand(block, partial) {
      generation.offset = block.next;
      hand(generation, block, partial);
    },
  });
  for await (const chunk of readArchive({ fd, offset: generation.offset, signal })) {
    lines.push(chunk);
    await untilRoom();
    if (signal.aborted) return;
  }
  lines.end();
}
