import { createSlabs } from '../encode/slabs.ts';
import type { Mark } from '../output.ts';
import type { Encoder } from '../sink.ts';
import type { Queued } from './waiting.ts';

export interface BatcherOptions {
  readonly encoder: Encoder;
  readonly bytes: number;
  /** Milliseconds. */
  readonly wait: number;
  /** How much memory to keep for further batches; bytes. */
  readonly keep: number;
  /** Takes a batch that is large or old enough. */
  seal(batch: Queued): void;
}

/** Puts records together until there are enough of them, or the first has waited long enough. */
export interface Batcher {
  add(records: number): void;
  /** @returns false when there is no batch that the mark could go with */
  mark(mark: Mark): boolean;
  seal(): void;
  records(): number;
  stop(): void;
}

export function createBatcher({ encoder, bytes, wait, keep, ...options }: BatcherOptions): Batcher {
  const slabs = createSlabs(keep);
  let marks = new Map<string, Mark>();
  let records = 0;
  let since = 0;
  let timer: NodeJS.Timeout | undefined;

  const seal = () => {
    clearTimeout(timer);
    if (records === 0) return;
    const body = encoder.finish(slabs.allocate);
    const batch = { body, records, marks, since, release: () => slabs.release(body) };
    records = 0;
    marks = new Map();
    options.seal(batch);
  };
  return {
    add(count) {
      if (records === 0) {
        since = performance.now();
        timer = setTimeout(seal, wait);
      }
      records += count;
      if (encoder.size() >= bytes) seal();
    },
    mark(mark) {
      if (records > 0) marks.set(mark.file.id, mark);
      return records > 0;
    },
    seal,
    records: () => records,
    stop: () => clearTimeout(timer),
  };
}
