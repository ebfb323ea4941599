import { readField } from '../condition/field-value.ts';
import type { LimitConfig } from './config.ts';
import type { Step, StepEvents } from './step.ts';

/** How many values of the `by` field have their own bucket; the rest share one. */
const maxBuckets = 10_000;
/** How often those that are full again are looked for, to make room; milliseconds. */
const forgetEvery = 1000;

/** A token bucket, or one for each value of a field. */
export function limit({ rate, burst, by }: LimitConfig, events: StepEvents): Step {
  const size = burst ?? Math.max(1, rate);
  const buckets = new Map<string, { tokens: number; at: number }>();
  let forgotAt = Number.NEGATIVE_INFINITY;
  const bucketOf = (key: string, now: number) => {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    if (buckets.size >= maxBuckets && now - forgotAt >= forgetEvery) {
      forgotAt = now;
      forgetFull(buckets, now, rate, size);
    }
    const own = buckets.size < maxBuckets ? key : '';
    const bucket = buckets.get(own) ?? { tokens: size, at: now };
    buckets.set(own, bucket);
    return bucket;
  };
  return (next) => (draft) => {
    const now = performance.now();
    const bucket = bucketOf(by === undefined ? '' : String(readField(draft.fields, by) ?? ''), now);
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) * rate) / 1000);
    bucket.at = now;
    if (bucket.tokens < 1) return events.leftOut('limit');
    bucket.tokens -= 1;
    next(draft);
  };
}

/** A bucket that is full again says nothing that a new one would not. */
function forgetFull(
  buckets: Map<string, { tokens: number; at: number }>,
  now: number,
  rate: number,
  size: number,
): void {
  for (const [key, { tokens, at }] of buckets) {
    if (key !== '' && tokens + ((now - at) * rate) / 1000 >= size) buckets.delete(key);
  }
}
