import { compileCondition } from '../../condition/compile.ts';
import type { OutputOf } from '../config.ts';
import { createBodyBuffer } from '../encode/body-buffer.ts';
import type { Labels } from '../encode/document.ts';
import { renderLine } from '../encode/line-encoder.ts';
import { concatInto, createSlabs } from '../encode/slabs.ts';
import type { OutputMetrics } from '../metrics.ts';
import type { Mark, Output, OutputEvents } from '../output.ts';

/** A place for bytes that mostly takes them at once. */
export interface ByteTarget {
  /** @returns how many bytes went in; fewer than there are when it is full. Throws for good reasons only. */
  write(bytes: Buffer): number;
  /** Writes what did not go in, whenever it can. */
  writeLater(rest: Buffer): Promise<void>;
  /** Why nothing can be written just now; empty when it can. */
  problem?(): string;
  close(): void;
}

export interface DirectOptions extends OutputEvents {
  readonly name: string;
  readonly config: OutputOf<'stdout' | 'file'>;
  readonly labels: Labels;
  readonly target: ByteTarget;
  readonly metrics: OutputMetrics;
}

/** An output without a queue: each run of lines is written in the call that brings it. */
export function createDirectOutput(options: DirectOptions): Output {
  const { name, config, labels, metrics, reached } = options;
  const concerns = config.when && compileCondition(config.when.condition);
  const render = renderLine(config.as, labels);
  const writer = createWriter(options);
  const body = createBodyBuffer();
  let records = 0;

  const settle = () => {
    if (records === 0) return;
    const count = records;
    const bytes = body.view();
    records = 0;
    metrics.sent(count, bytes.length);
    writer.write(bytes);
    body.clear();
  };
  return {
    name,
    required: true,
    takesLines: config.as === 'original' && concerns === undefined,
    async start() {},
    addLines(bytes, count) {
      settle();
      metrics.sent(count, bytes.length);
      writer.write(bytes);
    },
    add(record) {
      if (concerns !== undefined && !concerns(record)) return;
      body.putText(`${render(record)}\n`);
      records += 1;
    },
    mark(mark) {
      settle();
      if (!writer.isIdle()) {
        writer.mark(mark);
        return false;
      }
      if (writer.error() !== '') return false;
      reached(mark);
      return true;
    },
    isFull: () => !writer.isIdle() || writer.error() !== '',
    async drain(deadline) {
      settle();
      await Promise.race([writer.empty(), aborted(deadline)]);
      const left = writer.waitingBytes();
      const why = options.target.problem?.() || 'it is too slow';
      return left === 0 ? undefined : `${left} bytes that the output ${name} has not taken: ${why}`;
    },
    async close() {
      options.target.close();
    },
    status() {
      const problem = options.target.problem?.() ?? '';
      return {
        state: writer.error() !== '' ? 'failed' : problem === '' ? 'well' : 'retrying',
        queuedBytes: writer.waitingBytes(),
        queuedRecords: 0,
        lastError: writer.error() || problem,
      };
    },
  };
}

function createWriter({ target, reached, room, failed, metrics }: DirectOptions) {
  const slabs = createSlabs(512 * 1024);
  let rest = 0;
  let later: Promise<void> = Promise.resolve();
  let error = '';
  let marks: Mark[] = [];

  const fail = (thrown: unknown) => {
    if (error !== '') return;
    error = String(thrown);
    metrics.failed('other');
    failed(thrown);
  };
  const writeLater = (bytes: Buffer) => {
    rest += bytes.length;
    later = later
      .then(() => (error === '' ? target.writeLater(bytes) : undefined))
      .then(() => {
        if (error !== '') return;
        rest -= bytes.length;
        slabs.release(bytes);
        if (rest > 0) return;
        for (const mark of marks) reached(mark);
        marks = [];
        room();
      })
      .catch(fail);
  };
  return {
    write(bytes: Buffer) {
      if (error !== '') return;
      let written = 0;
      try {
        if (rest === 0) written = target.write(bytes);
      } catch (thrown) {
        return fail(thrown);
      }
      if (written < bytes.length) writeLater(concatInto(slabs.allocate, [bytes.subarray(written)]));
    },
    mark: (mark: Mark) => void marks.push(mark),
    isIdle: () => rest === 0,
    waitingBytes: () => rest,
    empty: () => later,
    error: () => error,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
