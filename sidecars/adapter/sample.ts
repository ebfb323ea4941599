export const metricTypes = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] as const;

/** The metric types of OpenMetrics 1.0 that a page can hold (`untyped` of text 0.0.4 is `unknown`). */
export type MetricType = (typeof metricTypes)[number];

export type Labels = Readonly<Record<string, string>>;

/** One value under one set of labels. */
export interface Sample {
  /** Behind the family's name: ``, `_total`, `_bucket`, `_sum`, `_count`, `_created`, `_info`. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A metric family: one name, type and help, and its samples together. */
export interface Family {
  /** Without the suffix that its type adds: `requests` for the counter `requests_total`. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}
