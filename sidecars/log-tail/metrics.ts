import type { Counter, Gauge, Metrics } from '../core/metrics.ts';

const lossReasons = ['truncated', 'deleted', 'unreadable', 'line_too_long'] as const;
export type LossReason = (typeof lossReasons)[number];

const rotationKinds = ['rename', 'copytruncate', 'truncate', 'replace', 'delete'] as const;
export type RotationKind = (typeof rotationKinds)[number];

/** What the follower counts. */
export interface FollowMetrics {
  readonly lines: Counter<'input'>;
  readonly bytes: Counter<'input'>;
  readonly lostBytes: Counter<'input' | 'reason'>;
  readonly losses: Counter<'input' | 'reason'>;
  readonly rotations: Counter<'input' | 'kind'>;
  readonly checkpoints: Counter<'result'>;
  readonly durable: Gauge;
  readonly watching: Gauge;
  /** Shows the counters of these inputs from now on, also while they are 0. */
  introduce(inputs: readonly string[]): void;
  /** Says where the gauges of the followed files look when they are asked. */
  observe(report: () => readonly FileState[]): void;
}

/** What the gauges need to know of a followed file. */
export interface FileState {
  readonly input: string;
  readonly open: boolean;
  readonly lag: number;
  readonly behindSeconds: number;
}

/** Registers the follower's counters and gauges. */
export function createFollowMetrics(metrics: Metrics): FollowMetrics {
  const lines = metrics.counter({
    name: 'podmates_log_tail_lines_total',
    help: 'Lines read from the followed files.',
    labelNames: ['input'],
  });
  const bytes = metrics.counter({
    name: 'podmates_log_tail_read_bytes_total',
    help: 'Bytes of lines read from the followed files.',
    labelNames: ['input'],
  });
  const lostBytes = metrics.counter({
    name: 'podmates_log_tail_lost_bytes_total',
    help: 'Bytes known to have been in a file and that could not be read any more.',
    labelNames: ['input', 'reason'],
  });
  const losses = metrics.counter({
    name: 'podmates_log_tail_losses_total',
    help: 'Times that something of a file could not be read any more.',
    labelNames: ['input', 'reason'],
  });
  const rotations = metrics.counter({
    name: 'podmates_log_tail_rotations_total',
    help: 'Times that a followed file was renamed, truncated, replaced or deleted.',
    labelNames: ['input', 'kind'],
  });
  const gauges = createFileGauges(metrics);
  const introduce = (inputs: readonly string[]) => {
    gauges.introduce(inputs);
    for (const input of inputs) {
      lines.inc({ input }, 0);
      bytes.inc({ input }, 0);
      for (const reason of lossReasons) lostBytes.inc({ input, reason }, 0);
      for (const reason of lossReasons) losses.inc({ input, reason }, 0);
      for (const kind of rotationKinds) rotations.inc({ input, kind }, 0);
    }
  };
  return {
    ...{ lines, bytes, lostBytes, losses, rotations, introduce },
    ...createStateMetrics(metrics),
    observe: gauges.observe,
  };
}

function createStateMetrics(metrics: Metrics) {
  const checkpoints = metrics.counter({
    name: 'podmates_log_tail_checkpoints_total',
    help: 'Attempts to write the checkpoint.',
    labelNames: ['result'],
  });
  for (const result of ['success', 'error']) checkpoints.inc({ result }, 0);
  const durable = metrics.gauge({
    name: 'podmates_log_tail_checkpoint_durable',
    help: 'Whether the checkpoint could be written the last time; 0 without a state directory.',
  });
  const watching = metrics.gauge({
    name: 'podmates_log_tail_directory_watch',
    help: 'Whether the kernel reports changes; 0 when only polling finds them.',
  });
  return { checkpoints, durable, watching };
}

/** Gauges over the followed files, computed when they are asked for. */
function createFileGauges(metrics: Metrics) {
  let inputs: readonly string[] = [];
  let report: () => readonly FileState[] = () => [];
  const gauge = (name: string, help: string, fold: (files: readonly FileState[]) => number) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['input'],
      collect() {
        const files = report();
        for (const input of inputs)
          this.set({ input }, fold(files.filter((one) => one.input === input)));
      },
    });
  gauge('podmates_log_tail_files', 'Files followed.', (files) => files.length);
  gauge(
    'podmates_log_tail_open_files',
    'Followed files that are open.',
    (files) => files.filter(({ open }) => open).length,
  );
  gauge(
    'podmates_log_tail_lag_bytes',
    'Bytes in the followed files that were not delivered.',
    (files) => files.reduce((sum, { lag }) => sum + lag, 0),
  );
  gauge(
    'podmates_log_tail_oldest_unshipped_seconds',
    'How long the file that is most behind has not been delivered to its end.',
    (files) => files.reduce((most, { behindSeconds }) => Math.max(most, behindSeconds), 0),
  );
  return {
    introduce(names: readonly string[]) {
      inputs = names;
    },
    observe(next: () => readonly FileState[]) {
      report = next;
    },
  };
}
