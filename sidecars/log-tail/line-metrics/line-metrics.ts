import { isDeepStrictEqual } from 'node:util';
import type { Counter, Metrics } from '../../core/metrics.ts';
import type { LogRecord } from '../record.ts';
import type { LineMetricConfig, LineMetricsConfig } from './config.ts';
import { createLineMetric, type LineMetric } from './line-metric.ts';

/** All metrics that the config makes from records. */
export interface LineMetrics {
  observe(record: LogRecord): void;
  isEmpty(): boolean;
  /** Takes over another config; what did not change goes on counting. */
  reload(configs: LineMetricsConfig): void;
  render(): string;
}

interface Entry {
  readonly config: LineMetricConfig;
  readonly metric: LineMetric;
}

export function createLineMetrics(configs: LineMetricsConfig, metrics: Metrics): LineMetrics {
  const dropped = metrics.counter({
    name: 'podmates_log_tail_metric_dropped_records_total',
    help: 'Records that a metric made from lines left out because it has maxSeries series already.',
    labelNames: ['metric'],
  });
  let entries = createEntries(configs, new Map(), dropped);
  let list = [...entries.values()];
  const render = () => list.map(({ metric }) => metric.render()).join('');
  metrics.append(render);
  return {
    isEmpty: () => list.length === 0,
    observe(record) {
      for (const { metric } of list) metric.observe(record);
    },
    reload(changed) {
      entries = createEntries(changed, entries, dropped);
      list = [...entries.values()];
    },
    render,
  };
}

function createEntries(
  configs: LineMetricsConfig,
  before: ReadonlyMap<string, Entry>,
  dropped: Counter<'metric'>,
): ReadonlyMap<string, Entry> {
  const entries = Object.entries(configs).map(([name, config]): [string, Entry] => {
    const known = before.get(name);
    if (known !== undefined && isSame(known.config, config)) return [name, known];
    dropped.inc({ metric: name }, 0);
    const metric = createLineMetric(name, config, () => dropped.inc({ metric: name }));
    return [name, { config, metric }];
  });
  return new Map(entries);
}

/** Conditions and patterns are compiled anew with each config: what they were made of is compared. */
function isSame(a: LineMetricConfig, b: LineMetricConfig): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
