import type { Metrics } from '../core/metrics.ts';
import { failureReasons } from './fetch/body.ts';
import { dropReasons } from './sample.ts';

/** What the adapter counts about itself; the only place that knows the names. */
export function createAdapterMetrics(metrics: Metrics, sources: readonly string[]) {
  const labelNames = ['source'] as const;
  const own = {
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
    scrapes: metrics.counter({
      name: 'podmates_adapter_scrapes_total',
      help: 'Pages served, by format.',
      labelNames: ['format'],
    }),
  };
  for (const source of sources) {
    own.collections.inc({ source }, 0);
    for (const reason of failureReasons) own.failures.inc({ source, reason }, 0);
    for (const reason of dropReasons) own.dropped.inc({ source, reason }, 0);
  }
  for (const format of ['text', 'openmetrics']) own.scrapes.inc({ format }, 0);
  return own;
}

export type AdapterMetrics = ReturnType<typeof createAdapterMetrics>;
