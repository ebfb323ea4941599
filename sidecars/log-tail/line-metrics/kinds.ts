import type { LineMetricConfig } from './config.ts';
import type { Sample } from './exposition.ts';

type Labels = Sample['labels'];

/** How one type of metric counts, and how it shows that. */
export interface Kind<State> {
  create(): State;
  add(state: State, value: number): void;
  render(state: State, labels: Labels): readonly Sample[];
}

interface Total {
  value: number;
}

/**
 * Goes up by 1, or by the value. One that is below 0 would make it go down, and one that is infinite,
 * such as 1e999, would be the last that is seen of it: these are left out.
 */
export const counter: Kind<Total> = {
  create: () => ({ value: 0 }),
  add(state, value) {
    if (value >= 0 && Number.isFinite(value)) state.value += value;
  },
  render: ({ value }, labels) => [{ suffix: '', labels, value }],
};

/** The last value. */
export const gauge: Kind<Total> = {
  create: () => ({ value: 0 }),
  add(state, value) {
    state.value = value;
  },
  render: ({ value }, labels) => [{ suffix: '', labels, value }],
};

interface Distribution {
  readonly counts: number[];
  sum: number;
  count: number;
}

export function histogram(bounds: readonly number[]): Kind<Distribution> {
  return {
    create: () => ({ counts: bounds.map(() => 0), sum: 0, count: 0 }),
    add(state, value) {
      if (!Number.isFinite(value)) return; // the sum would never be anything else again
      const at = bounds.findIndex((bound) => value <= bound);
      if (at !== -1) state.counts[at] = (state.counts[at] ?? 0) + 1;
      state.sum += value;
      state.count += 1;
    },
    render({ counts, sum, count }, labels) {
      let below = 0;
      const buckets = bounds.map((bound, at): Sample => {
        below += counts[at] ?? 0;
        return { suffix: '_bucket', labels: [...labels, ['le', String(bound)]], value: below };
      });
      return [
        ...buckets,
        { suffix: '_bucket', labels: [...labels, ['le', '+Inf']], value: count },
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ];
    },
  };
}

export type MetricType = LineMetricConfig['type'];
