import {
  type DropReason,
  type Family,
  type HistogramPoint,
  type MetricType,
  numberOf,
  type StateSetPoint,
  type SummaryPoint,
  type ValuePoint,
} from '../sample.ts';
import {
  type Columns,
  combineHistograms,
  combineValues,
  createPoints,
  describeBuckets,
  faultOfCounter,
  faultOfHistogram,
  faultOfStateSet,
  faultOfSummary,
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
  /** What the source said last: it mostly says the same series again, in the same order. */
  readonly before?: readonly Family[];
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
  values(type: ValueType, declaration: Declaration): PointCollector<ValuePoint>;
  histograms(declaration: Declaration): PointCollector<HistogramPoint>;
  summaries(declaration: Declaration): PointCollector<SummaryPoint>;
  statesets(declaration: Declaration): PointCollector<StateSetPoint>;
  drop(dropped: Dropped): void;
  families(): readonly Family[];
}

export function createCollector(options: CollectorOptions): Collector {
  const { series, labelLength, before = [], onDrop } = options;
  const known = new Map(before.map(({ name, labels }) => [name, labels]));
  const families = new Map<string, OpenFamily>();
  const room = { left: series };

  function open<P>(type: MetricType, declared: Declaration, judge: Judge<P>): PointCollector<P> {
    const { name } = declared;
    const family = families.get(name);
    if (family?.type === type) return family.points as PointCollector<P>; // the type decides what P is
    if (family !== undefined)
      return refuse(name, `${name} is a ${family.type} already, not a ${type}`, onDrop);
    const drop: PointRules<P>['drop'] = (reason, labels, quiet, about = '') =>
      onDrop({ reason, metric: name, detail: `${about} {${labels}}`.trim(), quiet });
    const points = createPoints(known.get(name) ?? [], { ...judge, drop, room });
    families.set(name, { ...declared, type, points });
    return points;
  }
  return {
    labelLength,
    values: (type, declared) => open(type, declared, judges[type]),
    histograms: (declared) => open('histogram', declared, histograms),
    summaries: (declared) => open('summary', declared, summaries),
    statesets: (declared) => open('stateset', declared, statesets(declared.name)),
    drop: onDrop,
    families: () =>
      [...families.values()].map(closeFamily).filter(({ points }) => points.length > 0),
  };
}

interface OpenFamily extends Declaration {
  readonly type: MetricType;
  readonly points: PointCollector<never> & { columns(): Columns<unknown> };
}

function closeFamily({ points, ...declared }: OpenFamily): Family {
  return { ...declared, ...points.columns() } as Family; // the type has decided what the points are
}

type Judge<P> = Pick<PointRules<P>, 'fault' | 'describe' | 'samples' | 'combine'>;

const plain: Judge<ValuePoint> = { combine: combineValues };
const infos: Judge<ValuePoint> = {};
const counters: Judge<ValuePoint> = {
  ...plain,
  fault: faultOfCounter,
  describe: (point) => String(numberOf(point)),
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
