import type { FollowMetrics } from '../metrics.ts';
import type { FollowConfig } from './config.ts';
import type { Descriptors } from './generations/descriptors.ts';
import { type Generation, unread } from './generations/generation.ts';
import type { RecordLoss } from './read/losses.ts';
import type { Pump } from './read/pump.ts';
import type { Ledger } from './remember/ledger.ts';

export interface EndingsOptions {
  readonly inputs: Readonly<Record<string, FollowConfig>>;
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly pump: Pump;
  readonly metrics: FollowMetrics;
  readonly recordLoss: RecordLoss;
}

/**
 * Lets go of generations that nobody writes to any more: an unfinished last line is handed on, the
 * descriptor is closed, and one that was deleted is forgotten.
 * @returns a function to call after each scan
 */
export function createEndings({
  inputs,
  ledger,
  descriptors,
  pump,
  metrics,
  recordLoss,
}: EndingsOptions): () => void {
  const forget = (generation: Generation) => {
    metrics.rotations.inc({ input: generation.file.input, kind: 'delete' });
    if (unread(generation) > 0) recordLoss(generation, 'deleted');
    descriptors.close(generation);
    ledger.remove(generation);
  };
  const endGone = (generation: Generation, goneAt: number, quiet: boolean) => {
    const { deleted } = inputs[generation.file.input] ?? {};
    const tooLong = performance.now() - goneAt > (deleted?.keepOpen ?? 0);
    const tooMuch = unread(generation) > (deleted?.maxBytes ?? 0);
    const open = descriptors.get(generation) !== undefined;
    if (tooLong || tooMuch) return forget(generation);
    // What is waiting to be delivered may need the file again, if only until then.
    if (open && quiet && !generation.dirty && pump.finish(generation)) forget(generation);
    // Without a descriptor there is hope only for a copy, or a volume that is mounted late.
    if (!open && unread(generation) === 0 && quiet) forget(generation);
    if (open) ledger.touch(generation);
  };
  return () => {
    const now = performance.now();
    for (const generation of [...ledger.all()]) {
      const { rotated, goneAt, grewAt, file, dirty, place } = generation;
      if (!rotated && goneAt === undefined) continue;
      const quiet = now - Math.max(grewAt, goneAt ?? 0) > (inputs[file.input]?.grace ?? 0);
      if (goneAt !== undefined) endGone(generation, goneAt, quiet);
      else if (quiet && !dirty && !place.gzip && descriptors.get(generation) !== undefined) {
        if (pump.finish(generation)) descriptors.close(generation);
      }
    }
  };
}
