/** What an adapter of your own is given to work with. */
export interface AdapterInput {
  /** The name of the source in the config. */
  readonly source: string;
  /** `options:` of the source, as they are written. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the source's `url:` or `file:` answered, unpacked; empty when it has neither. */
  readonly body: Uint8Array;
  /** The media type of the answer, when it said one. */
  readonly contentType: string | undefined;
  /** The body as UTF-8 text. */
  text(): string;
  /** The body parsed as JSON. @throws SyntaxError */
  json(): unknown;
}

export type LabelValues = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

/** A metric that takes one number for each set of labels. */
export interface ValueMetric {
  /** Adds one sample. An invalid one is dropped and counted, and never breaks the page. */
  add(value: number, labels?: LabelValues): void;
}

export interface CounterMetric {
  /** @param since when the counter began to count: a date, or seconds since the epoch */
  add(value: number, labels?: LabelValues, since?: Date | number): void;
}

export interface HistogramMetric {
  /**
   * @param observed cumulative counts by upper bound, in ascending order; +Inf is added from `count`
   *   when it is not there
   */
  add(
    observed: {
      readonly buckets: readonly (readonly [bound: number, count: number])[];
      readonly sum?: number;
      readonly count?: number;
    },
    labels?: LabelValues,
  ): void;
}

export interface SummaryMetric {
  add(
    observed: {
      readonly quantiles?: readonly (readonly [quantile: number, value: number])[];
      readonly sum?: number;
      readonly count?: number;
    },
    labels?: LabelValues,
  ): void;
}

export interface MetricOptions {
  /** One sentence on what the metric says. */
  readonly help?: string;
  /** The unit, which the name ends in. */
  readonly unit?: string;
}

/**
 * Where an adapter puts its metrics. Each method declares a metric, and hands out what takes its
 * samples; every name is declared once, before or between samples.
 */
export interface MetricsWriter {
  /** @param name ends in `_total` */
  counter(name: string, options?: MetricOptions): CounterMetric;
  gauge(name: string, options?: MetricOptions): ValueMetric;
  untyped(name: string, options?: MetricOptions): ValueMetric;
  histogram(name: string, options?: MetricOptions): HistogramMetric;
  summary(name: string, options?: MetricOptions): SummaryMetric;
  /** @param name ends in `_info`; what it says are its labels */
  info(name: string, labels: LabelValues, options?: MetricOptions): void;
  /** One series for each of `states`, 1 for those that are `on`. */
  stateset(
    name: string,
    states: readonly string[],
    on: string | readonly string[],
    labels?: LabelValues,
    options?: MetricOptions,
  ): void;
}

/** An adapter of your own: makes metrics of what an app says, in whatever way it says it. */
export interface Adapter {
  /** For the log. */
  readonly name: string;
  /**
   * Called for every scrape (scrapes at the same time share one call). What it throws makes the
   * source fail for this scrape, `podmates_adapter_source_up 0`, and nothing else.
   * @param signal aborts when the scrape's time is over or the scraper has left
   */
  collect(input: AdapterInput, metrics: MetricsWriter, signal: AbortSignal): Promise<void> | void;
}

/** Types an adapter; the default export of a file named by `module:`. */
export function defineAdapter(adapter: Adapter): Adapter {
  return adapter;
}

/** Whether something that was loaded is an adapter. */
export function isAdapter(loaded: unknown): loaded is Adapter {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'collect' in loaded &&
    typeof loaded.collect === 'function' &&
    'name' in loaded &&
    typeof loaded.name === 'string'
  );
}
