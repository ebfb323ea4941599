/** The metric types of OpenMetrics 1.0 that a page can hold (`untyped` of text 0.0.4 is `unknown`). */
export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/**
 * A set of labels, sorted out and escaped once for all the points that carry it:
 * `method="GET",path="/"`. A name outside of `[a-zA-Z_][a-zA-Z0-9_]*` stands in quotes, and before
 * all others. No label is empty and none comes twice. Empty for no labels.
 */
export type LabelText = string;

/** What points may have beside their values. */
interface PointBase {
  /** Milliseconds since the epoch; only from pages that carry timestamps themselves. */
  readonly timestamp?: number;
}

/** The value of a counter, gauge, info or unknown; most have nothing beside it. */
export type ValuePoint = number | DetailedValue;

export interface DetailedValue extends PointBase {
  readonly value: number;
  /** When the counter began to count, in seconds since the epoch. */
  readonly created?: number;
  /** Of a counter, as OpenMetrics writes it behind ` # `. */
  readonly exemplar?: string;
}

export interface Bucket {
  /** Upper bound, inclusive; the last one is Infinity. */
  readonly bound: number;
  /** Observations up to the bound: cumulative. */
  readonly count: number;
  readonly exemplar?: string;
}

/** A histogram: buckets in ascending order, the last one +Inf. */
export interface HistogramPoint extends PointBase {
  readonly buckets: readonly Bucket[];
  readonly sum?: number;
  readonly created?: number;
}

export interface SummaryPoint extends PointBase {
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
  readonly sum?: number;
  readonly count?: number;
  readonly created?: number;
}

/** Every state of a stateset with whether it holds. */
export interface StateSetPoint extends PointBase {
  readonly states: readonly { readonly state: string; readonly on: boolean }[];
}

interface FamilyBase<T extends MetricType, P> {
  /** The whole name as users write it: `requests_total` for a counter, `build_info` for an info. */
  readonly name: string;
  readonly type: T;
  readonly help: string;
  readonly unit?: string | undefined;
  /** Those of each point, no two alike. The list may be that of an earlier collection. */
  readonly labels: readonly LabelText[];
  readonly points: readonly P[];
}

/** A metric family: one name, type and help, and its points together. */
export type Family =
  | FamilyBase<'counter' | 'gauge' | 'info' | 'unknown', ValuePoint>
  | FamilyBase<'histogram', HistogramPoint>
  | FamilyBase<'summary', SummaryPoint>
  | FamilyBase<'stateset', StateSetPoint>;

/** Why a sample did not come onto the page. */
export const dropReasons = [
  'missing',
  'not_a_number',
  'not_finite',
  'negative',
  'unmapped',
  'label_too_long',
  'bad_label',
  'bad_buckets',
  'bad_quantiles',
  'unknown_state',
  'duplicate',
  'series_limit',
  'bad_line',
  'conflict',
] as const;
export type DropReason = (typeof dropReasons)[number];

export function numberOf(point: ValuePoint): number {
  return typeof point === 'number' ? point : point.value;
}
