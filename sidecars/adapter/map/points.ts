import {
  type DropReason,
  type HistogramPoint,
  type LabelText,
  numberOf,
  type StateSetPoint,
  type SummaryPoint,
  type ValuePoint,
} from '../sample.ts';
import { labelHead } from './labels.ts';

export type OnDuplicate = 'error' | 'drop' | 'sum' | 'max';

/** The points of one family as they come; an invalid or surplus one is dropped and told. */
export interface PointCollector<P> {
  add(labels: LabelText, point: P, onDuplicate?: OnDuplicate): void;
}

export interface PointRules<P> {
  /** Why the point cannot stand on a page; undefined when it can. */
  readonly fault?: ((point: P, labels: LabelText) => DropReason | undefined) | undefined;
  /** What of the point is at fault, for people. */
  readonly describe?: ((point: P) => string) | undefined;
  /** How many samples it makes; one when not told. */
  readonly samples?: ((point: P) => number) | undefined;
  /** Two points in one; undefined when that makes no sense. */
  readonly combine?: ((kept: P, added: P, how: 'sum' | 'max') => P | undefined) | undefined;
  /** How many more samples may come, of all families together. */
  readonly room: { left: number };
  drop(reason: DropReason, labels: LabelText, quiet: boolean, about?: string): void;
}

/** Labels and points, one by one beside each other. */
export interface Columns<P> {
  readonly labels: readonly LabelText[];
  readonly points: readonly P[];
}

export interface OpenPoints<P> extends PointCollector<P> {
  /** What has been taken so far. */
  columns(): Columns<P>;
}

/**
 * @param before labels that the family has had before, no two of them alike: as long as the same come
 *   in the same order, they need neither be looked at for doubles nor kept again
 */
export function createPoints<P>(
  before: readonly LabelText[],
  { fault, describe, samples, combine, room, drop }: PointRules<P>,
): OpenPoints<P> {
  const points = new Array<P>(before.length);
  let taken = 0;
  /** Labels and where they stand, from the first on that are others than before. */
  let own: Map<LabelText, number> | undefined;

  const resolve = (place: number, labels: LabelText, point: P, how: OnDuplicate) => {
    const kept = points[place];
    const combined =
      kept === undefined || how === 'error' || how === 'drop'
        ? undefined
        : combine?.(kept, point, how);
    if (combined === undefined) drop('duplicate', labels, how === 'drop');
    else points[place] = combined;
  };
  const placeOf = (labels: LabelText): number | undefined => {
    if (own === undefined && before[taken] === labels) return undefined;
    own ??= new Map(before.slice(0, taken).map((text, place) => [text, place]));
    return own.get(labels);
  };
  return {
    add(labels, point, onDuplicate = 'error') {
      const reason = fault?.(point, labels);
      if (reason !== undefined) return drop(reason, labels, false, describe?.(point));
      const place = placeOf(labels);
      if (place !== undefined) return resolve(place, labels, point, onDuplicate);
      const count = samples === undefined ? 1 : samples(point);
      if (room.left < count) return drop('series_limit', labels, false);
      room.left -= count;
      own?.set(labels, taken);
      points[taken++] = point;
    },
    columns() {
      points.length = taken;
      if (own !== undefined) return { labels: [...own.keys()], points };
      return { labels: taken === before.length ? before : before.slice(0, taken), points };
    },
  };
}

export function combineValues(kept: ValuePoint, added: ValuePoint, how: 'sum' | 'max'): ValuePoint {
  const [one, other] = [numberOf(kept), numberOf(added)];
  const value = how === 'sum' ? one + other : Math.max(one, other);
  return typeof kept === 'number' ? value : { ...kept, value };
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

export function faultOfCounter(point: ValuePoint): DropReason | undefined {
  const value = numberOf(point);
  if (Number.isNaN(value)) return 'not_finite';
  return value < 0 ? 'negative' : undefined;
}

/** Whether a text has the label whose head is given: a quote inside of a value is escaped. */
function hasLabel(labels: LabelText, head: string): boolean {
  return labels.startsWith(`${head}"`) || labels.includes(`,${head}"`);
}

/** Refuses points with the label that a type gives to its samples itself. */
function reserving(name: string): (labels: LabelText) => DropReason | undefined {
  const head = labelHead(name);
  return (labels) => (hasLabel(labels, head) ? 'bad_label' : undefined);
}

const reserveQuantile = reserving('quantile');

/** Quantiles lie between 0 and 1, and none comes twice: it would be the same series. */
export function faultOfSummary(
  { quantiles, count }: SummaryPoint,
  labels: LabelText,
): DropReason | undefined {
  const seen = new Set(quantiles.map(({ quantile }) => quantile));
  if (seen.size < quantiles.length) return 'bad_quantiles';
  if (quantiles.some(({ quantile }) => !(quantile >= 0 && quantile <= 1))) return 'bad_quantiles';
  if (count !== undefined && !(count >= 0)) return 'negative';
  return reserveQuantile(labels);
}

/** No state comes twice. @param name of the metric, which is the label of its states */
export function faultOfStateSet(
  name: string,
): (point: StateSetPoint, labels: LabelText) => DropReason | undefined {
  const reserve = reserving(name);
  return ({ states }, labels) => {
    const seen = new Set(states.map(({ state }) => state));
    return seen.size < states.length ? 'duplicate' : reserve(labels);
  };
}

const reserveLe = reserving('le');

/** Buckets ascend in bound and count, and end in +Inf. */
export function faultOfHistogram(
  { buckets }: HistogramPoint,
  labels: LabelText,
): DropReason | undefined {
  const fault = reserveLe(labels);
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
