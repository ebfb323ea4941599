import type { Metrics } from '../core/metrics.ts';
import { filterNames, type StepEvents } from './shape/step.ts';
import { createShipMetrics, type ShipMetrics } from './ship/metrics.ts';

/** What is counted between the lines and the outputs. */
export interface DeliveryMetrics extends StepEvents {
  readonly ship: ShipMetrics;
  unparsed(input: string): void;
  transformFailed(): void;
  /** Starts the counters of inputs at 0. */
  introduce(inputs: readonly string[]): void;
}

export function createDeliveryMetrics(metrics: Metrics): DeliveryMetrics {
  const leftOut = metrics.counter({
    name: 'podmates_log_tail_filtered_records_total',
    help: 'Records that a step left out, as it was told to.',
    labelNames: ['step'],
  });
  for (const step of filterNames) leftOut.inc({ step }, 0);
  const redacted = metrics.counter({
    name: 'podmates_log_tail_redacted_records_total',
    help: 'Records in which something was masked.',
  });
  const unparsed = metrics.counter({
    name: 'podmates_log_tail_unparsed_records_total',
    help: 'Records that are not of the format of their input; they go on as text.',
    labelNames: ['input'],
  });
  const transformFailures = metrics.counter({
    name: 'podmates_log_tail_transform_failures_total',
    help: 'Records for which a transform module threw; they go on unchanged.',
  });
  return {
    ship: createShipMetrics(metrics),
    leftOut: (step) => leftOut.inc({ step }),
    redacted: () => redacted.inc(),
    unparsed: (input) => unparsed.inc({ input }),
    transformFailed: () => transformFailures.inc(),
    introduce(inputs) {
      for (const input of inputs) unparsed.inc({ input }, 0);
    },
  };
}
