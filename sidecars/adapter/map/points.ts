import type {
  DropReason,
  HistogramPoint,
  LabelText,
  StateSetPoint,
  SummaryPoint,
  ValuePoint,
} from '../sample.ts';
import { labelHead } from './labels.ts';

/** A set of labels, known by a number that grows with each new set of the collection. */
export interface LabelSet {
  readonly id: number;
  readonly text: LabelText;
}

export type OnDuplicate = 'error' | 'drop' | 'sum' | 'max';

/** The points of one family as they come; an invalid or surplus one is dropped and told. */
export interface PointCollector<P> {
  add(labels: LabelSet, point: P, onDuplicate?: OnDuplicate): void;
}

export interface PointRules<P> {
  /** Why the point cannot stand on a page; undefined when it can. */
  readonly fault?: ((point: P) => DropReason | undefined) | undefined;
  /** What of the point is at fault, for people. */
  readonly describe?: ((point: P) => string) | undefined;
  /** How many samples it makes; one when not told. */
  readonly samples?: ((point: P) => number) | undefined;
  /** Two points in one; undefined when that makes no sense. */
  readonly combine?: ((kept: P, added: P, how: 'sum' | 'max') => P | undefined) | undefined;
  /** How many more samples may come, of all families together. */
  readonly room: { left: number };
  drop(reason: DropReason, labels: LabelSet, quiet: boolean, about?: string): void;
}

/** @returns the collector, which puts what it takes into `points` */
export function createPoints<P extends { readonly labels: LabelText }>(
  points: P[],
  { fault, describe, samples, combine, room, drop }: PointRules<P>,
): PointCollector<P> {
  let lastId = -1;
  let places: Map<LabelText, number> | undefined;

  const resolve = (place: number, labels: LabelSet, point: P, how: OnDuplicate) => {
    const kept = points[place];
    const combined =
      kept === undefined || how === 'error' || how === 'drop'
        ? undefined
        : combine?.(kept, point, how);
    if (combined === undefined) drop('duplicate', labels, how === 'drop');
    else points[place] = combined;
  };
  /** Whether the family has these labels already; then the point has found its end. */
  const isDouble = (labels: LabelSet, point: P, how: OnDuplicate): boolean => {
    places ??= new Map(points.map((known, place) => [known.labels, place]));
    const place = places.get(labels.text);
    if (place !== undefined) resolve(place, labels, point, how);
    return place !== undefined;
  };
  return {
    add(labels, point, onDuplicate = 'error') {
      const reason = fault?.(point);
      if (reason !== undefined) return drop(reason, labels, false, describe?.(point));
      // Label sets are numbered in the order in which they appear, so a family that only ever sees
      // growing numbers cannot hold the same set twice, and needs no map to know that.
      if (labels.id <= lastId && isDouble(labels, point, onDuplicate)) return;
      const count = samples === undefined ? 1 : samples(point);
      if (room.left < count) return drop('series_limit', labels, false);
      room.left -= count;
      places?.set(labels.text, points.length);
      points.push(point);
      if (labels.id > lastId) lastId = labels.id;
    },
  };
}

export function combineValues(kept: ValuePoint, added: ValuePoint, how: 'sum' | 'max'): ValuePoint {
  const value = how === 'sum' ? kept.value + added.value : Math.max(kept.value, added.value);
  return { ...kept, value };
}

/** Histograms add up when their bounds are the same. */
export function combineHistograms(
  kept: HistogramPoint,
  added: HistogramPoint,
  how: 'sum' | 'max',
): HistogramPoint | undefined {
  const others = added.buckets;
  const alike =
    kept.buckets.length === others.length &&
    kept.buckets.every(({ bound }, at) => bound === others[at]?.bound);
  if (how === 'max' || !alike) return undefined;
  return {
    ...kept,
    buckets: kept.buckets.map(({ bound, count }, at) => ({
      bound,
      count: count + (others[at]?.count ?? 0),
    })),
    ...(kept.sum !== undefined && added.sum !== undefined ? { sum: kept.sum + added.sum } : {}),
  };
}

export function faultOfCounter({ value }: ValuePoint): DropReason | undefined {
  if (Number.isNaN(value)) return 'not_finite';
  return value < 0 ? 'negative' : undefined;
}

/** Whether a text has the label whose head is given: a quote inside of a value is escaped. */
function hasLabel(labels: LabelText, head: string): boolean {
  return labels.startsWith(`${head}"`) || labels.includes(`,${head}"`);
}

/** Refuses points with the label that a type gives to its samples itself. */
function reserving(name: string): (point: { labels: LabelText }) => DropReason | undefined {
  const head = labelHead(name);
  return ({ labels }) => (hasLabel(labels, head) ? 'bad_label' : undefined);
}

const reserveQuantile = reserving('quantile');

/** Quantiles lie between 0 and 1, and none comes twice: it would be the same series. */
export function faultOfSummary(point: SummaryPoint): DropReason | undefined {
  const { quantiles, count } = point;
  const seen = new Set(quantiles.map(({ quantile }) => quantile));
  if (seen.size < quantiles.length) return 'bad_quantiles';
  if (quantiles.some(({ quantile }) => !(quantile >= 0 && quantile <= 1))) return 'bad_quantiles';
  if (count !== undefined && !(count >= 0)) return 'negative';
  return reserveQuantile(point);
}

/** No state comes twice. @param name of the metric, which is the label of its states */
export function faultOfStateSet(name: string): (point: StateSetPoint) => DropReason | undefined {
  const reserve = reserving(name);
  return (point) => {
    const seen = new Set(point.states.map(({ state }) => state));
    return seen.size < point.states.length ? 'duplicate' : reserve(point);
  };
}

const reserveLe = reserving('le');

/** Buckets ascend in bound and count, and end in +Inf. */
export function faultOfHistogram({ labels, buckets }: HistogramPoint): DropReason | undefined {
  const fault = reserveLe({ labels });
  if (fault !== undefined) return fault;
  let bound = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const bucket of buckets) {
    if (!(bucket.bound > bound) || !(bucket.count >= count)) return 'bad_buckets';
    if (!Number.isFinite(bucket.count)) return 'bad_buckets';
    bound = bucket.bound;
    count = bucket.count;
  }
  return bound === Number.POSITIVE_INFINITY ? undefined : 'bad_buckets';
}

/** Where the buckets of a histogram are none. */
export function describeBuckets({ buckets }: HistogramPoint): string {
  const at = buckets.findIndex(({ count }, index) => count < (buckets[index - 1]?.count ?? 0));
  const [before, fallen] = [buckets[at - 1], buckets[at]];
  if (before === undefined || fallen === undefined) return '';
  return `counts of cumulative buckets never fall, as at ${fallen.bound} from ${before.count} to ${fallen.count}`;
}
