import type {
  CounterMetric,
  LabelValues,
  MetricOptions,
  MetricsWriter,
  ValueMetric,
} from '../define.ts';
import type { Collector, ValueType } from './collector.ts';
import { readHistogram } from './histogram.ts';
import { labelValue, toLabelText } from './labels.ts';
import type { LabelSet } from './points.ts';

export interface WriterOptions {
  readonly prefix: string;
  /** Fixed labels of everything; those of the samples give way to them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The writer that adapters of users' own put their metrics into; everything is judged again. */
export function createWriter(
  collector: Collector,
  { prefix, labels }: WriterOptions,
): MetricsWriter {
  const declare = (name: string, options: MetricOptions = {}) => {
    if (name === '' || /[\n\0]/.test(name)) throw new TypeError(`not a metric name: "${name}"`);
    const whole = prefix + name;
    return { name: whole, help: options.help ?? '', unit: options.unit };
  };
  const labelSet = (metric: string, values: LabelValues = {}): LabelSet | undefined =>
    readLabels(collector, metric, { ...values, ...labels });
  const values = (type: ValueType, name: string, options?: MetricOptions): ValueMetric => {
    const points = collector.values(type, declare(name, options));
    return {
      add(value, given) {
        const set = labelSet(name, given);
        if (set !== undefined) points.add(set, { labels: set.text, value: Number(value) });
      },
    };
  };
  return {
    counter: (name, options) => openCounter(collector, declareSuffixed(name, '_total'), options),
    gauge: (name, options) => values('gauge', name, options),
    untyped: (name, options) => values('unknown', name, options),
    info(name, given, options) {
      values('info', declareSuffixed(name, '_info'), options).add(1, given);
    },
    histogram(name, options) {
      const family = declare(name, options);
      const points = collector.histograms(family);
      return {
        add({ buckets, sum, count }, given) {
          const set = labelSet(name, given);
          if (set === undefined) return;
          const input = { buckets, cumulative: true, scale: (value: number) => value, sum, count };
          const point = readHistogram(input);
          if (point !== undefined) points.add(set, { labels: set.text, ...point });
          else collector.drop({ reason: 'bad_buckets', metric: family.name, detail: '' });
        },
      };
    },
    summary(name, options) {
      const points = collector.summaries(declare(name, options));
      return {
        add({ quantiles = [], sum, count }, given) {
          const set = labelSet(name, given);
          if (set === undefined) return;
          points.add(set, {
            labels: set.text,
            quantiles: quantiles.map(([quantile, value]) => ({ quantile, value })),
            ...(sum === undefined ? {} : { sum }),
            ...(count === undefined ? {} : { count }),
          });
        },
      };
    },
    stateset(name, states, on, given, options) {
      const set = labelSet(name, given);
      const points = collector.statesets(declare(name, options));
      const holds = (state: string) => (typeof on === 'string' ? on === state : on.includes(state));
      const each = states.map((state) => ({ state, on: holds(state) }));
      if (set !== undefined) points.add(set, { labels: set.text, states: each });
    },
  };

  function openCounter(
    into: Collector,
    name: string,
    options: MetricOptions | undefined,
  ): CounterMetric {
    const points = into.values('counter', declare(name, options));
    return {
      add(value, given, since) {
        const set = labelSet(name, given);
        if (set === undefined) return;
        const point = { labels: set.text, value: Number(value) };
        if (since === undefined) return points.add(set, point);
        const created = typeof since === 'number' ? since : since.getTime() / 1000;
        points.add(set, { ...point, created });
      },
    };
  }
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
  return collector.labels(toLabelText(texts));
}
