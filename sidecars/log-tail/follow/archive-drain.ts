import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { readArchive } from './archives.ts';
import type { Block } from './blocks.ts';
import { createChunkLines } from './chunk-lines.ts';
import type { Gate } from './gate.ts';
import { type Generation, unread } from './generation.ts';
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
  const run = async (generation: Generation, limits: Limits) => {
    try {
      await readAll(options, generation, limits, untilRoom, ending.signal);
    } catch (error) {
      if (ending.signal.aborted) return;
      const { path } = generation.file;
      options.logger.error({ path }, `cannot read the compressed file: ${describeError(error)}`);
      options.recordLoss(generation, 'unreadable');
    }
    generation.offset = Math.max(generation.offset, generation.size);
    running.delete(generation);
    options.wake();
  };
  return {
    drain(generation, limits) {
      if (unread(generation) === 0) return true;
      if (!running.has(generation)) {
        running.add(generation);
        void run(generation, limits);
      }
      return false;
    },
    close() {
      ending.abort();
      room.resolve();
    },
  };
}

/** Hands on the lines behind the generation's offset; they are in memory only piece by piece. */
async function readAll(
  { hand }: ArchiveDrainOptions,
  generation: Generation,
  limits: Limits,
  untilRoom: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const lines = createChunkLines({
    limits,
    offset: generation.offset,
    hand(block, partial) {
      generation.offset = block.next;
      hand(generation, block, partial);
    },
  });
  const { place, offset } = generation;
  for await (const chunk of readArchive({ path: place.path, offset, signal })) {
    lines.push(chunk);
    await untilRoom();
    if (signal.aborted) return;
  }
  lines.end();
}
