import type {
  DropReason,
  Family,
  HistogramPoint,
  LabelText,
  StateSetPoint,
  SummaryPoint,
  ValuePoint,
} from '../sample.ts';
import {
  combineHistograms,
  combineValues,
  createPoints,
  describeBuckets,
  faultOfCounter,
  faultOfHistogram,
  faultOfStateSet,
  faultOfSummary,
  type LabelSet,
  type PointCollector,
  type PointRules,
} from './points.ts';

export interface Dropped {
  readonly reason: DropReason;
  /** The metric's name; empty when a whole row was dropped. */
  readonly metric: string;
  /** What was found, for the log. */
  readonly detail: string;
  /** The config expects this: counted, but no complaint. */
  readonly quiet?: boolean;
}

export interface CollectorOptions {
  /** Most samples of the whole collection. */
  readonly series: number;
  /** Most characters of a label. */
  readonly labelLength: number;
  onDrop(dropped: Dropped): void;
}

export interface Declaration {
  readonly name: string;
  readonly help: string;
  readonly unit?: string | undefined;
}

export type ValueType = 'counter' | 'gauge' | 'info' | 'unknown';

/**
 * Collects the families of one source: no two points alike, none that a page could not hold.
 * A family declared again with the same type goes on; with another type its points are dropped.
 */
export interface Collector {
  readonly labelLength: number;
  labels(text: LabelText): LabelSet;
  values(type: ValueType, declaration: Declaration): PointCollector<ValuePoint>;
  histograms(declaration: Declaration): PointCollector<HistogramPoint>;
  summaries(declaration: Declaration): PointCollector<SummaryPoint>;
  statesets(declaration: Declaration): PointCollector<StateSetPoint>;
  drop(dropped: Dropped): void;
  families(): readonly Family[];
}

export function createCollector({ series, labelLength, onDrop }: CollectorOptions): Collector {
  const sets = new Map<LabelText, LabelSet>();
  const families = new Map<string, Family>();
  const collectors = new Map<string, PointCollector<never>>();
  const room = { left: series };

  function open<P extends { labels: LabelText }>(
    family: Family & { points: P[] },
    judge: Judge<P>,
  ): PointCollector<P> {
    const { name, type } = family;
    const known = collectors.get(`${type} ${name}`);
    if (known !== undefined) return known as PointCollector<P>; // the type decides what P is
    const other = families.get(name)?.type;
    const drop: PointRules<P>['drop'] = (reason, labels, quiet, about = '') =>
      onDrop({ reason, metric: name, detail: `${about} {${labels.text}}`.trim(), quiet });
    const collector =
      other === undefined
        ? createPoints(family.points, { ...judge, drop, room })
        : refuse<P>(name, `${name} is a ${other} already, not a ${type}`, onDrop);
    if (other === undefined) families.set(name, family);
    collectors.set(`${type} ${name}`, collector);
    return collector;
  }
  return {
    labelLength,
    labels(text) {
      const known = sets.get(text);
      if (known !== undefined) return known;
      const set = { id: sets.size, text };
      sets.set(text, set);
      return set;
    },
    values: (type, declared) =>
      open({ ...declared, type, points: [] as ValuePoint[] }, judges[type]),
    histograms: (declared) =>
      open({ ...declared, type: 'histogram', points: [] as HistogramPoint[] }, histograms),
    summaries: (declared) =>
      open({ ...declared, type: 'summary', points: [] as SummaryPoint[] }, summaries),
    statesets: (declared) =>
      open(
        { ...declared, type: 'stateset', points: [] as StateSetPoint[] },
        statesets(declared.name),
      ),
    drop: onDrop,
    families: () => [...families.values()].filter(({ points }) => points.length > 0),
  };
}

type Judge<P> = Pick<PointRules<P>, 'fault' | 'describe' | 'samples' | 'combine'>;

const plain: Judge<ValuePoint> = { combine: combineValues };
const infos: Judge<ValuePoint> = {};
const counters: Judge<ValuePoint> = {
  ...plain,
  fault: faultOfCounter,
  describe: ({ value }) => String(value),
};
const judges = { counter: counters, gauge: plain, info: infos, unknown: plain };
const histograms: Judge<HistogramPoint> = {
  fault: faultOfHistogram,
  describe: describeBuckets,
  samples: ({ buckets }) => buckets.length + 2,
  combine: combineHistograms,
};
const summaries: Judge<SummaryPoint> = {
  fault: faultOfSummary,
  samples: ({ quantiles }) => quantiles.length + 2,
};
const statesets = (name: string): Judge<StateSetPoint> => ({
  fault: faultOfStateSet(name),
  samples: ({ states }) => states.length,
});

function refuse<P>(
  metric: string,
  detail: string,
  onDrop: CollectorOptions['onDrop'],
): PointCollector<P> {
  return { add: () => onDrop({ reason: 'conflict', metric, detail }) };
}
