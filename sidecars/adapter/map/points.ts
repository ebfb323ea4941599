import type { DropReason, HistogramPoint, LabelText, ValuePoint } from '../sample.ts';
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
  fault(point: P): DropReason | undefined;
  /** How many samples it makes. */
  samples(point: P): number;
  /** Two points in one; undefined when that makes no sense. */
  combine(kept: P, added: P, how: 'sum' | 'max'): P | undefined;
  /** Whether so many more samples may come. */
  claim(samples: number): boolean;
  drop(reason: DropReason, labels: LabelSet, quiet: boolean): void;
}

/** @returns the collector, which puts what it takes into `points` */
export function createPoints<P>(points: P[], rules: PointRules<P>): PointCollector<P> {
  const ids: number[] = [];
  let lastId = -1;
  let places: Map<number, number> | undefined;

  // Label sets are numbered in the order in which they appear, so a family that only ever sees
  // growing numbers cannot hold the same set twice, and needs no map to know that.
  const placeOf = (id: number): number | undefined => {
    if (id > lastId) return undefined;
    places ??= new Map(ids.map((known, place) => [known, place]));
    return places.get(id);
  };
  const resolve = (place: number, labels: LabelSet, point: P, how: OnDuplicate) => {
    const kept = points[place];
    const combined =
      kept === undefined || how === 'error' || how === 'drop'
        ? undefined
        : rules.combine(kept, point, how);
    if (combined === undefined) rules.drop('duplicate', labels, how === 'drop');
    else points[place] = combined;
  };
  return {
    add(labels, point, onDuplicate = 'error') {
      const fault = rules.fault(point);
      if (fault !== undefined) return rules.drop(fault, labels, false);
      const place = placeOf(labels.id);
      if (place !== undefined) return resolve(place, labels, point, onDuplicate);
      if (!rules.claim(rules.samples(point))) return rules.drop('series_limit', labels, false);
      places?.set(labels.id, points.length);
      points.push(point);
      ids.push(labels.id);
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
export function reserving(name: string): (point: { labels: LabelText }) => DropReason | undefined {
  const head = labelHead(name);
  return ({ labels }) => (hasLabel(labels, head) ? 'bad_label' : undefined);
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
