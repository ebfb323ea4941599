import type { Metrics } from '../core/metrics.ts';
import { failureReasons } from './fetch/body.ts';
import { dropReasons } from './sample.ts';

/** What the adapter counts about itself; the only place that knows the names. */
export function createAdapterMetrics(metrics: Metrics) {
  const own = registerMetrics(metrics);
  let known: readonly string[] = [];
  for (const format of ['text', 'openmetrics']) own.scrapes.inc({ format }, 0);
  for (const result of ['success', 'failure', 'refused']) own.probes.inc({ result }, 0);
  return {
    ...own,
    /** From now on there are these sources: new ones begin at 0, and those that went leave no trace. */
    follow(sources: readonly string[]) {
      for (const source of known.filter((name) => !sources.includes(name))) forget(own, source);
      for (const source of sources.filter((name) => !known.includes(name))) begin(own, source);
      known = sources;
    },
  };
}

export type AdapterMetrics = ReturnType<typeof createAdapterMetrics>;
type Registered = ReturnType<typeof registerMetrics>;

function begin({ collections, failures, dropped }: Registered, source: string): void {
  collections.inc({ source }, 0);
  for (const reason of failureReasons) failures.inc({ source, reason }, 0);
  for (const reason of dropReasons) dropped.inc({ source, reason }, 0);
}

function forget(own: Registered, source: string): void {
  for (const metric of [own.up, own.duration, own.samples, own.bytes]) metric.remove({ source });
  own.collections.remove({ source });
  for (const reason of failureReasons) own.failures.remove({ source, reason });
  for (const reason of dropReasons) own.dropped.remove({ source, reason });
}

function registerMetrics(metrics: Metrics) {
  const labelNames = ['source'] as const;
  return {
    up: metrics.gauge({
      name: 'podmates_adapter_source_up',
      help: 'Whether the last collection of the source succeeded.',
      labelNames,
    }),
    duration: metrics.gauge({
      name: 'podmates_adapter_source_duration_seconds',
      help: 'How long the last collection of the source took, fetching and mapping.',
      labelNames,
    }),
    samples: metrics.gauge({
      name: 'podmates_adapter_source_samples',
      help: 'Samples that the last collection of the source made.',
      labelNames,
    }),
    bytes: metrics.gauge({
      name: 'podmates_adapter_source_bytes',
      help: 'Size of the last document of the source, unpacked.',
      labelNames,
    }),
    collections: metrics.counter({
      name: 'podmates_adapter_collections_total',
      help: 'Times that the source was asked.',
      labelNames,
    }),
    failures: metrics.counter({
      name: 'podmates_adapter_collection_failures_total',
      help: 'Times that the source gave nothing, by reason.',
      labelNames: ['source', 'reason'],
    }),
    dropped: metrics.counter({
      name: 'podmates_adapter_samples_dropped_total',
      help: 'Samples that could not stand on the page, by reason.',
      labelNames: ['source', 'reason'],
    }),
    deliveries: metrics.counter({
      name: 'podmates_adapter_deliveries_total',
      help: 'Pages sent to a Pushgateway (push) or a file (textfile), by result.',
      labelNames: ['output', 'result'],
    }),
    delivered: metrics.gauge({
      name: 'podmates_adapter_delivery_last_success_timestamp_seconds',
      help: 'When a page last arrived.',
      labelNames: ['output'],
    }),
    probes: metrics.counter({
      name: 'podmates_adapter_probes_total',
      help: 'Requests of /probe by result: success, failure of the target, or refused.',
      labelNames: ['result'],
    }),
    scrapes: metrics.counter({
      name: 'podmates_adapter_scrapes_total',
      help: 'Pages served, by format.',
      labelNames: ['format'],
    }),
  };
}
