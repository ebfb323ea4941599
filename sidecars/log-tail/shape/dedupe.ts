import { hash } from 'node:crypto';
import { readField } from '../condition/field-value.ts';
import type { Draft } from '../draft.ts';
import type { DedupeConfig } from './config.ts';
import type { Step, StepEvents } from './step.ts';

/** How many different records are remembered at once. */
const maxRemembered = 10_000;

/** Lets the first of equal records pass at once, and no further one until the window is over. */
export function dedupe({ window, by }: DedupeConfig, events: StepEvents): Step {
  const seen = new Map<string, { until: number; repeated: number }>();
  let oldest = seen.keys(); // kept: a new one would have to pass the places of all that are gone
  const forgetOldest = () => {
    let { done, value } = oldest.next();
    if (done) {
      oldest = seen.keys();
      ({ value } = oldest.next());
    }
    if (value !== undefined) seen.delete(value);
  };
  const keyOf = ({ file, text, fields }: Draft) =>
    shorten(
      by === undefined
        ? `${file.input}\n${text}`
        : JSON.stringify([file.input, ...by.map((name) => readField(fields, name) ?? null)]),
    );
  return (next) => (draft) => {
    const now = performance.now();
    const key = keyOf(draft);
    const known = seen.get(key);
    if (known !== undefined && now < known.until) {
      known.repeated += 1;
      return events.leftOut('dedupe');
    }
    seen.delete(key);
    if (seen.size >= maxRemembered) forgetOldest();
    seen.set(key, { until: now + window, repeated: 0 });
    if (known !== undefined && known.repeated > 0) {
      draft.fields = { ...draft.fields, repeated: known.repeated };
      draft.edited = true;
    }
    next(draft);
  };
}

/** Thousands of lines of up to a megabyte are remembered by what is no longer than this. */
const maxKey = 200;

function shorten(key: string): string {
  return key.length <= maxKey ? key : hash('sha256', key, 'base64');
}
