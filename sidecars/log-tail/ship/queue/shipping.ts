import { deadlineIn } from '../../../core/lifecycle.ts';
import type { Logger } from '../../../core/logger.ts';
import { compileCondition } from '../../condition/compile.ts';
import type { ShippingConfig } from '../config.ts';
import type { OutputMetrics } from '../metrics.ts';
import type { Output, OutputEvents } from '../output.ts';
import type { Sink } from '../sink.ts';
import { createBatcher } from './batcher.ts';
import { createPump } from './pump.ts';
import { createSender } from './sender.ts';
import { createWaiting } from './waiting.ts';

export interface ShippingOptions extends OutputEvents {
  readonly name: string;
  readonly config: ShippingConfig;
  readonly sink: Sink;
  readonly metrics: OutputMetrics;
  readonly logger: Logger;
}

/** How long the end may wait for an output that is not required; milliseconds. */
const optionalWait = 2000;

/**
 * An output with a queue: records are put together into batches, which are sent one after the other,
 * so that each file arrives in order, and again until the receiver has them.
 */
export function createShippingOutput(options: ShippingOptions): Output {
  const { name, config, sink, metrics, logger, reached } = options;
  const { encoder } = sink;
  const concerns = config.when && compileCondition(config.when.condition);
  const { line, close } = createLine(options);
  const { waiting, sender, pump, batcher, measure, isFull } = line;
  return {
    name,
    required: config.required,
    takesLines:
      encoder.addLines !== undefined &&
      'as' in config &&
      config.as === 'original' &&
      concerns === undefined,
    async start() {
      measure();
      pump.start();
    },
    addLines(bytes, records) {
      encoder.addLines?.(bytes);
      batcher.add(records);
    },
    add(record) {
      if (concerns !== undefined && !concerns(record)) return;
      encoder.add(record);
      batcher.add(1);
    },
    mark(mark) {
      if (batcher.mark(mark)) return false;
      const last = waiting.last();
      last?.marks.set(mark.file.id, mark);
      if (last === undefined) reached(mark);
      return last === undefined;
    },
    isFull,
    async drain(deadline) {
      batcher.seal();
      sender.hurry();
      await pump.empty(config.required ? deadline : deadlineIn(optionalWait, deadline));
      waiting.save();
      const left = waiting.records();
      if (left === 0) return undefined;
      const why = sender.lastError() || 'it is too slow';
      const what = `${left} records that the output ${name} has not taken: ${why}`;
      if (config.required) return what;
      metrics.dropped('shutdown', left);
      logger.warn({ output: name, records: left }, `dropped ${what}`);
      return undefined;
    },
    close,
    status: () => ({
      state: sender.lastError() === '' ? 'well' : 'retrying',
      queuedBytes: waiting.bytes() + encoder.size(),
      queuedRecords: waiting.records() + batcher.records(),
      lastError: sender.lastError(),
    }),
  };
}

/** What stands between the records and the receiver: batches, queue, and who sends them. */
function createLine({ name, config, sink, metrics, logger, reached, room }: ShippingOptions) {
  const closing = new AbortController();
  const waiting = createWaiting({
    bytes: config.queue.bytes,
    required: config.required,
    whenFull: config.whenFull,
    spool: config.spool,
    dropped: metrics.dropped,
  });
  const sender = createSender({ name, config, sink, metrics, logger, closing: closing.signal });
  let wasFull = false;

  const measure = () => {
    metrics.queued(waiting.bytes(), waiting.first()?.since);
    metrics.spooled(waiting.spooledBytes());
  };
  const pump = createPump({
    waiting,
    sender,
    sent(batch) {
      for (const mark of batch.marks.values()) reached(mark);
      measure();
      if (!wasFull || waiting.bytes() > config.queue.bytes / 2) return;
      wasFull = false;
      room();
    },
    broken: (error) => logger.error({ err: error, output: name }, `output ${name} stopped`),
  });
  const batcher = createBatcher({
    encoder: sink.encoder,
    bytes: config.batch.bytes,
    wait: config.batch.wait,
    // Reading goes on when half of the queue has been sent: that much is asked for at once.
    keep: config.queue.bytes / 2,
    seal(batch) {
      waiting.push(batch);
      measure();
      pump.start();
    },
  });
  const isFull = () => {
    const full = config.required && waiting.bytes() >= config.queue.bytes;
    wasFull ||= full;
    return full;
  };
  const close = async () => {
    batcher.stop();
    closing.abort();
    await pump.idle();
    await sink.close();
  };
  return { line: { waiting, sender, pump, batcher, measure, isFull }, close };
}
