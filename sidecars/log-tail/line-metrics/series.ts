/** One combination of label values with what is counted for it. */
export interface Series<State> {
  readonly values: readonly string[];
  readonly state: State;
  /** `performance.now()` of its last record. */
  touched: number;
}

export interface SeriesOptions<State> {
  readonly maxSeries: number;
  /** Milliseconds; undefined keeps series for ever. */
  readonly expire: number | undefined;
  create(): State;
}

/** The series of one metric. */
export interface SeriesSet<State> {
  /** The state for these label values; undefined when there are too many already. */
  at(values: readonly string[]): State | undefined;
  /** Those that are not idle for too long; the others go. */
  list(): readonly Series<State>[];
}

export function createSeriesSet<State>(options: SeriesOptions<State>): SeriesSet<State> {
  const { maxSeries, expire, create } = options;
  const all = new Map<string, Series<State>>();
  const forgetIdle = () => {
    if (expire === undefined) return;
    const bound = performance.now() - expire;
    for (const [key, { touched }] of all) {
      if (touched < bound) all.delete(key);
    }
  };
  return {
    at(values) {
      const key = values.length === 1 ? (values[0] ?? '') : values.join('\u0000');
      let series = all.get(key);
      if (series === undefined) {
        if (all.size >= maxSeries) forgetIdle();
        if (all.size >= maxSeries) return undefined;
        series = { values, state: create(), touched: 0 };
        all.set(key, series);
      }
      if (expire !== undefined) series.touched = performance.now();
      return series.state;
    },
    list() {
      forgetIdle();
      return [...all.values()];
    },
  };
}
