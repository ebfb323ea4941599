import type { Counter, Gauge, Metrics } from '../../core/metrics.ts';
import { type FailureReason, failureReasons } from './sink.ts';

/** Why records were given up; label of the metric. */
export const dropReasons = [
  'queue_full',
  'spool_full',
  'spool_failed',
  'attempts',
  'shutdown',
] as const;
export type DropReason = (typeof dropReasons)[number];

export interface ShipMetrics {
  /** Starts all counters of an output at 0. */
  introduce(output: string): OutputMetrics;
}

/** What one output counts. */
export interface OutputMetrics {
  sent(records: number, bytes: number): void;
  failed(reason: FailureReason): void;
  rejected(records: number): void;
  dropped(reason: DropReason, records: number): void;
  queued(bytes: number, oldestAt: number | undefined): void;
  spooled(bytes: number): void;
}

interface Families {
  readonly sentRecords: Counter<'output'>;
  readonly sentBytes: Counter<'output'>;
  readonly failures: Counter<'output' | 'reason'>;
  readonly rejected: Counter<'output'>;
  readonly dropped: Counter<'output' | 'reason'>;
  readonly queueBytes: Gauge<'output'>;
  readonly spoolBytes: Gauge<'output'>;
}

export function createShipMetrics(metrics: Metrics): ShipMetrics {
  const families = createFamilies(metrics);
  const oldest = new Map<string, number>();
  metrics.gauge({
    name: 'podmates_log_tail_output_oldest_unsent_seconds',
    help: 'Age of the oldest batch that waits for an output; 0 when none waits.',
    labelNames: ['output'],
    collect() {
      for (const [output, at] of oldest) {
        this.set({ output }, Number.isNaN(at) ? 0 : (performance.now() - at) / 1000);
      }
    },
  });
  return {
    introduce(output) {
      oldest.set(output, Number.NaN);
      families.sentRecords.inc({ output }, 0);
      families.sentBytes.inc({ output }, 0);
      families.rejected.inc({ output }, 0);
      families.queueBytes.set({ output }, 0);
      families.spoolBytes.set({ output }, 0);
      for (const reason of failureReasons) families.failures.inc({ output, reason }, 0);
      for (const reason of dropReasons) families.dropped.inc({ output, reason }, 0);
      return {
        sent(records, bytes) {
          families.sentRecords.inc({ output }, records);
          families.sentBytes.inc({ output }, bytes);
        },
        failed: (reason) => families.failures.inc({ output, reason }),
        rejected: (records) => families.rejected.inc({ output }, records),
        dropped: (reason, records) => families.dropped.inc({ output, reason }, records),
        queued(bytes, oldestAt) {
          families.queueBytes.set({ output }, bytes);
          oldest.set(output, oldestAt ?? Number.NaN);
        },
        spooled: (bytes) => families.spoolBytes.set({ output }, bytes),
      };
    },
  };
}

function createFamilies(metrics: Metrics): Families {
  return {
    sentRecords: metrics.counter({
      name: 'podmates_log_tail_output_sent_records_total',
      help: 'Records that an output has taken.',
      labelNames: ['output'],
    }),
    sentBytes: metrics.counter({
      name: 'podmates_log_tail_output_sent_bytes_total',
      help: 'Bytes that an output has taken, before compression.',
      labelNames: ['output'],
    }),
    failures: metrics.counter({
      name: 'podmates_log_tail_output_failures_total',
      help: 'Attempts to send a batch that failed.',
      labelNames: ['output', 'reason'],
    }),
    rejected: metrics.counter({
      name: 'podmates_log_tail_output_rejected_records_total',
      help: 'Records that a receiver refused for good.',
      labelNames: ['output'],
    }),
    dropped: metrics.counter({
      name: 'podmates_log_tail_output_dropped_records_total',
      help: 'Records that were given up before a receiver had them.',
      labelNames: ['output', 'reason'],
    }),
    queueBytes: metrics.gauge({
      name: 'podmates_log_tail_output_queue_bytes',
      help: 'Bytes that wait for an output in memory.',
      labelNames: ['output'],
    }),
    spoolBytes: metrics.gauge({
      name: 'podmates_log_tail_output_spool_bytes',
      help: 'Bytes that wait for an output on disk.',
      labelNames: ['output'],
    }),
  };
}
