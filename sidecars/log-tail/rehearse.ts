import type { Surroundings } from '../core/container.ts';
import { compileCondition } from './condition/compile.ts';
import type { DeliveryConfig } from './delivery.ts';
import { createDeliveryMetrics } from './delivery-metrics.ts';
import { createChunkLines } from './follow/read/chunk-lines.ts';
import { type Limits, limitsOf } from './follow/read/long-lines.ts';
import { createLanes } from './lanes.ts';
import { createLineMetrics } from './line-metrics/line-metrics.ts';
import type { Lines, LogRecord } from './record.ts';
import type { OutputConfig } from './ship/config.ts';
import { renderLine } from './ship/encode/line-encoder.ts';
import type { Output } from './ship/output.ts';

export interface RehearsalOptions extends Surroundings {
  /** The key under `inputs:` that the sample stands for. */
  readonly input: string;
  /** Only for its name: what the records say they come from. */
  readonly path: string;
  readonly sample: Buffer;
}

/** What would have come of a sample. */
export interface Rehearsal {
  /** What each output would get, by name, in order. */
  readonly outputs: Readonly<Record<string, readonly RehearsedRecord[]>>;
  /** The metrics made from its lines, in Prometheus' text format. */
  readonly metrics: string;
  readonly lines: number;
  /** How many records were not of the input's format. */
  readonly unparsed: number;
}

export interface RehearsedRecord {
  /** The line as the output would write it, or send it as its text. */
  readonly line: string;
  readonly time: string;
  readonly fields: LogRecord['fields'];
}

/** Does everything with a sample that would be done with a file, but for sending anything. */
export async function rehearse(
  config: DeliveryConfig,
  options: RehearsalOptions,
): Promise<Rehearsal> {
  const { logger, metrics } = options;
  const counters = createDeliveryMetrics(metrics);
  let unparsed = 0;
  const noteUnparsed = () => {
    unparsed += 1;
  };
  const lineMetrics = createLineMetrics(config.metrics, metrics);
  const recorders = Object.entries(config.outputs).map(([name, output]) =>
    createRecorder(name, output, config),
  );
  const lanes = await createLanes(config, {
    logger,
    counters: { ...counters, unparsed: noteUnparsed },
    lineMetrics,
    outputs: recorders.map(({ output }) => output),
  });
  const runs = toRuns(config, options);
  const lane = lanes().get(options.input);
  for (const run of runs) lane?.take(run);
  lane?.flush();
  return {
    outputs: Object.fromEntries(recorders.map(({ output, records }) => [output.name, records])),
    metrics: lineMetrics.render(),
    lines: runs.reduce((sum, { count }) => sum + count, 0),
    unparsed,
  };
}

/** The sample as the follower would hand it on: long lines cut, the last one unfinished. */
function toRuns(config: DeliveryConfig, { input, path, sample }: RehearsalOptions): Lines[] {
  const source = config.inputs[input];
  if (source === undefined) return [];
  const file = { id: 'sample', path, input };
  const limits = limitsOf(source);
  const runs: Lines[] = [];
  const lines = createChunkLines({
    limits,
    offset: 0,
    hand(block, partial) {
      const count = countLines(block.bytes, limits) + (partial ? 1 : 0);
      runs.push({ file, ...block, count, partial });
    },
  });
  lines.push(sample);
  lines.end();
  return runs;
}

function countLines(bytes: Buffer, { ends }: Limits): number {
  let count = 0;
  for (let at = 0; ; count += 1) {
    at = ends.behindFirst(bytes, at, bytes.length);
    if (at === -1) return count;
  }
}

/** An output that keeps what it is given. */
function createRecorder(name: string, config: OutputConfig, { labels }: DeliveryConfig) {
  const records: RehearsedRecord[] = [];
  const concerns = config.when && compileCondition(config.when.condition);
  const render = renderLine('as' in config ? config.as : 'original', labels);
  const output: Output = {
    name,
    required: false,
    takesLines: false,
    async start() {},
    addLines() {},
    add(record) {
      if (concerns !== undefined && !concerns(record)) return;
      const time = new Date(record.time).toISOString();
      records.push({ line: render(record), time, fields: record.fields });
    },
    mark: () => true,
    isFull: () => false,
    drain: async () => undefined,
    async close() {},
    status: () => ({ state: 'well', queuedBytes: 0, queuedRecords: 0, lastError: '' }),
  };
  return { output, records };
}
