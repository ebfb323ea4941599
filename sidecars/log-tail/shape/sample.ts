import { compileCondition } from '../condition/compile.ts';
import type { SampleConfig } from './config.ts';
import type { Step, StepEvents } from './step.ts';

/**
 * Keeps a share of the records. Which ones depends only on where they stand in their file: a record
 * that is read again after a crash is judged as it was the first time.
 */
export function sample({ when, keep }: SampleConfig, events: StepEvents): Step {
  const concerns = when === undefined ? () => true : compileCondition(when.condition);
  const bound = keep * 2 ** 32;
  return (next) => (draft) => {
    if (concerns(draft) && hash(draft.file.id, draft.offset) >= bound) events.leftOut('sample');
    else next(draft);
  };
}

/** 32 bits, mixed as in MurmurHash3. */
function hash(id: string, offset: number): number {
  let h = offset | 0;
  h ^= Math.floor(offset / 2 ** 32);
  for (let at = Math.max(0, id.length - 8); at < id.length; at += 1) {
    h = Math.imul(h ^ id.charCodeAt(at), 0x5bd1e995);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
