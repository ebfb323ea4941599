import type { Logger } from '../../../core/logger.ts';
import type { FollowConfig } from '../config.ts';
import type { Descriptors } from '../generations/descriptors.ts';
import { type Generation, unread } from '../generations/generation.ts';
import type { Ledger } from '../remember/ledger.ts';
import { createArchiveDrain } from './archive-drain.ts';
import { type Block, createBlockReader } from './blocks.ts';
import type { Gate } from './gate.ts';
import { createLogReader } from './log-reader.ts';
import { limitsOf } from './long-lines.ts';
import type { RecordLoss } from './losses.ts';

/** Reads what there is to read, in order, as fast as it is taken. */
export interface Pump {
  /** Reads a turn's worth. @returns whether anything was read, and whether there is more to read now */
  turn(): { readonly grew: boolean; readonly more: boolean };
  /** Hands on the unfinished last line of a file that has come to its end. @returns whether it could */
  finish(generation: Generation): boolean;
  /** What has grown, or begun, within the last so many milliseconds. */
  hot(ms: number): readonly Generation[];
  close(): void;
}

export interface PumpOptions {
  readonly inputs: Readonly<Record<string, FollowConfig>>;
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly gate: Gate;
  readonly logger: Logger;
  readonly recordLoss: RecordLoss;
  /** A scan is needed: a file holds something else than before, or was renamed. */
  changed(): void;
  /** There is something to do again after waiting. */
  wake(): void;
}

export function createPump(options: PumpOptions): Pump {
  const { inputs, ledger, descriptors, gate } = options;
  const limits = new Map(Object.entries(inputs).map(([name, input]) => [name, limitsOf(input)]));
  const hot = new Set<Generation>();

  const hand = (generation: Generation, block: Block, partial: boolean) => {
    generation.grewAt = performance.now();
    hot.add(generation);
    if (block.cut > 0) options.recordLoss(generation, 'line_too_long', block.cut);
    gate.hand(generation.file, block, partial);
  };
  const blocks = createBlockReader({ memory: gate.memory, hand });
  const archives = createArchiveDrain({ ...options, hand });

  const readLog = createLogReader({
    ...{ descriptors, gate, blocks },
    limitsOf: ({ file }) => limits.get(file.input),
    readArchive: archives.drain,
    changed: options.changed,
    failed: descriptors.fail,
  });
  return {
    turn() {
      const before = gate.passed();
      let more = false;
      for (const log of ledger.pending) {
        if (gate.isFull()) break;
        const newest = log.generations.at(-1);
        if (newest !== undefined) hot.add(newest); // also while it is empty
        const progress = readLog(log);
        if (progress === 'done') ledger.pending.delete(log);
        if (progress === 'more') more = true;
      }
      return { grew: gate.passed() > before, more: more && !gate.isFull() };
    },
    finish(generation) {
      const limit = limits.get(generation.file.input);
      if (limit === undefined || generation.place.gzip || unread(generation) === 0) return true;
      const fd = descriptors.open(generation);
      if (fd === undefined || gate.isFull()) return false;
      blocks.readPartial(generation, fd, limit);
      return true;
    },
    hot(ms) {
      const since = performance.now() - ms;
      for (const generation of hot) if (generation.grewAt < since) hot.delete(generation);
      return [...hot];
    },
    close: archives.close,
  };
}
