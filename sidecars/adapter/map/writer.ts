import type {
  CounterMetric,
  HistogramMetric,
  LabelValues,
  MetricOptions,
  MetricsWriter,
  SummaryMetric,
  ValueMetric,
} from '../define.ts';
import type { LabelText } from '../sample.ts';
import type { Collector, Declaration, ValueType } from './collector.ts';
import { readHistogram } from './histogram.ts';
import { labelValue, toLabelText } from './labels.ts';

export interface WriterOptions {
  readonly prefix: string;
  /** Fixed labels of everything; those of the samples give way to them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What every kind of metric is declared and labelled with. */
interface Opening {
  readonly collector: Collector;
  declare(name: string, options?: MetricOptions): Declaration;
  /** The labels of a sample; undefined when it cannot stand on the page, which has been told. */
  labelSet(metric: string, values?: LabelValues): LabelText | undefined;
}

/** The writer that adapters of users' own put their metrics into; everything is judged again. */
export function createWriter(
  collector: Collector,
  { prefix, labels }: WriterOptions,
): MetricsWriter {
  const opening: Opening = {
    collector,
    declare(name, options = {}) {
      if (name === '' || /[\n\0]/.test(name)) throw new TypeError(`not a metric name: "${name}"`);
      return { name: prefix + name, help: options.help ?? '', unit: options.unit };
    },
    labelSet: (metric, values = {}) =>
      readLabels(collector, prefix + metric, { ...values, ...labels }),
  };
  return {
    counter: (name, options) => openCounter(opening, declareSuffixed(name, '_total'), options),
    gauge: (name, options) => openValues(opening, 'gauge', name, options),
    untyped: (name, options) => openValues(opening, 'unknown', name, options),
    info(name, given, options) {
      openValues(opening, 'info', declareSuffixed(name, '_info'), options).add(1, given);
    },
    histogram: (name, options) => openHistogram(opening, name, options),
    summary: (name, options) => openSummary(opening, name, options),
    stateset(name, states, on, given, options) {
      const set = opening.labelSet(name, given);
      const points = collector.statesets(opening.declare(name, options));
      const holds = (state: string) => (typeof on === 'string' ? on === state : on.includes(state));
      const each = states.map((state) => ({ state, on: holds(state) }));
      if (set !== undefined) points.add(set, { states: each });
    },
  };
}

function openValues(
  { collector, declare, labelSet }: Opening,
  type: ValueType,
  name: string,
  options?: MetricOptions,
): ValueMetric {
  const points = collector.values(type, declare(name, options));
  return {
    add(value, given) {
      const set = labelSet(name, given);
      if (set !== undefined) points.add(set, Number(value));
    },
  };
}

function openCounter(
  { collector, declare, labelSet }: Opening,
  name: string,
  options?: MetricOptions,
): CounterMetric {
  const points = collector.values('counter', declare(name, options));
  return {
    add(value, given, since) {
      const set = labelSet(name, given);
      if (set === undefined) return;
      if (since === undefined) return points.add(set, Number(value));
      const created = typeof since === 'number' ? since : since.getTime() / 1000;
      points.add(set, { value: Number(value), created });
    },
  };
}

function openHistogram(
  { collector, declare, labelSet }: Opening,
  name: string,
  options?: MetricOptions,
): HistogramMetric {
  const family = declare(name, options);
  const points = collector.histograms(family);
  return {
    add({ buckets, sum, count }, given) {
      const set = labelSet(name, given);
      if (set === undefined) return;
      const input = { buckets, cumulative: true, scale: (value: number) => value, sum, count };
      const point = readHistogram(input);
      if (point !== undefined) points.add(set, point);
      else {
        const detail = `not buckets of numbers {${set}}`;
        collector.drop({ reason: 'bad_buckets', metric: family.name, detail });
      }
    },
  };
}

function openSummary(
  { collector, declare, labelSet }: Opening,
  name: string,
  options?: MetricOptions,
): SummaryMetric {
  const points = collector.summaries(declare(name, options));
  return {
    add({ quantiles = [], sum, count }, given) {
      const set = labelSet(name, given);
      if (set === undefined) return;
      points.add(set, {
        quantiles: quantiles.map(([quantile, value]) => ({ quantile, value })),
        ...(sum === undefined ? {} : { sum }),
        ...(count === undefined ? {} : { count }),
      });
    },
  };
}

function declareSuffixed(name: string, suffix: '_total' | '_info'): string {
  if (name.endsWith(suffix)) return name;
  const kind = suffix === '_total' ? 'a counter' : 'an info';
  throw new TypeError(`the name of ${kind} ends in "${suffix}": call it ${name}${suffix}`);
}

function readLabels(collector: Collector, metric: string, values: LabelValues) {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = labelValue(value);
    if (name === '' || name.startsWith('__') || text === undefined) {
      collector.drop({ reason: 'bad_label', metric, detail: `label ${name}` });
      return undefined;
    }
    if (text.length > collector.labelLength) {
      const detail = `label ${name} has ${text.length} characters`;
      collector.drop({ reason: 'label_too_long', metric, detail });
      return undefined;
    }
    texts[name] = text;
  }
  return toLabelText(texts);
}
