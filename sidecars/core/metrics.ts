import { readdirSync } from 'node:fs';
import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from '@prometheus-io/client';
import { readVersion } from './version.ts';

export type { Counter, Gauge, Histogram };

/**
 * The metrics that a container keeps about itself. The only module that knows which client library
 * writes them. Names are given whole (`podmates_adapter_fetches_total`), so that a search finds them.
 */
export interface Metrics {
  counter<L extends string = never>(
    options: Omit<CounterConfiguration<L>, 'registers'>,
  ): Counter<L>;
  gauge<L extends string = never>(options: Omit<GaugeConfiguration<L>, 'registers'>): Gauge<L>;
  histogram<L extends string = never>(
    options: Omit<HistogramConfiguration<L>, 'registers'>,
  ): Histogram<L>;
  /** Puts text in format 0.0.4 that others write behind the container's own metrics. */
  append(page: () => string): void;
  /** The page in text format 0.0.4. */
  render(): Promise<string>;
  readonly contentType: string;
}

/**
 * @param container what the metrics are about: `adapter`, `ambassador` or `log-tail`
 * @returns an own registry that holds `podmates_build_info` and the standard `process_` metrics
 */
export function createMetrics(container: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const pages: (() => string)[] = [];
  const metrics: Metrics = {
    counter: (options) => new Counter({ ...options, registers }),
    gauge: (options) => new Gauge({ ...options, registers }),
    histogram: (options) => new Histogram({ ...options, registers }),
    append: (page) => void pages.push(page),
    render: async () => (await registry.metrics()) + pages.map((page) => page()).join(''),
    contentType: registry.contentType,
  };
  metrics
    .gauge({
      name: 'podmates_build_info',
      help: 'What runs here; always 1.',
      labelNames: ['version', 'container', 'node'],
    })
    .set({ version: readVersion(), container, node: process.versions.node }, 1);
  addProcessMetrics(metrics, container);
  return metrics;
}

/**
 * The `process_` metrics by the names every official client uses; those of the pod's containers and
 * of its app stand on one page, so they say whose they are. Read when scraped: the client's own set
 * keeps a timer running for the event loop's lag, which an idle container pays for.
 */
function addProcessMetrics(metrics: Metrics, container: string): void {
  const labelNames = ['container'] as const;
  const labels = { container };
  const startSeconds = Math.round(Date.now() / 1000 - process.uptime());
  metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    labelNames,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc(labels, (user + system) / 1e6);
    },
  });
  metrics.gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    labelNames,
    collect() {
      this.set(labels, process.memoryUsage.rss());
    },
  });
  metrics
    .gauge({
      name: 'process_start_time_seconds',
      help: 'Start time of the process since unix epoch in seconds.',
      labelNames,
    })
    .set(labels, startSeconds);
  metrics.gauge({
    name: 'process_open_fds',
    help: 'Number of open file descriptors.',
    labelNames,
    collect() {
      this.set(labels, countOpenFiles());
    },
  });
}

function countOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN; // no /proc: not Linux
  }
}
