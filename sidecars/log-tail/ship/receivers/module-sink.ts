import { PodmatesError } from '../../../core/errors.ts';
import { deadlineIn } from '../../../core/lifecycle.ts';
import { loadModule } from '../../../core/module.ts';
import type { LogRecord } from '../../record.ts';
import type { OutputOf } from '../config.ts';
import { createLineEncoder } from '../encode/line-encoder.ts';
import { accepted, type Sink } from '../sink.ts';

/** What users write to send records elsewhere: given to {@link defineSink}. */
export interface SinkDefinition<Options = unknown> {
  readonly name: string;
  /**
   * Opens the way to the receiver, once.
   * @param options what the config has under `options:` beside `module:`
   */
  open(options: Options): OpenSink | Promise<OpenSink>;
}

export interface OpenSink {
  /**
   * Takes a batch; resolves when the receiver has it. Batching, queueing, retrying with a backoff,
   * spooling and acknowledgements are done around it.
   *
   * @param records in the order they were written, file by file
   * @param signal aborts when the output's `timeout` is over or the program ends
   * @throws SendError with `retryable: false` for records that will never be taken; any other error
   *   makes that the same records are given again later
   */
  write(records: readonly LogRecord[], signal: AbortSignal): Promise<void>;
  close?(): Promise<void> | void;
}

const marker = 'podmates.sink';

/**
 * Makes an output of one's own, for `outputs: {mine: {type: module, module: ./my-sink.ts}}`.
 *
 *     export default defineSink({
 *       name: 'queue',
 *       async open({ url }: { url: string }) {
 *         const queue = await connect(url);
 *         return {
 *           write: (records, signal) => queue.publish(records.map(({ text }) => text), { signal }),
 *           close: () => queue.close(),
 *         };
 *       },
 *     });
 */
export function defineSink<Options = unknown>(
  definition: SinkDefinition<Options>,
): SinkDefinition<Options> {
  return Object.assign({}, definition, { kind: marker });
}

/** @throws PodmatesError ERR_MODULE when the file does not export a sink */
export async function openModuleSink(config: OutputOf<'module'>): Promise<Sink> {
  const definition = await loadModule(config.module);
  if (!isSink(definition)) {
    throw new PodmatesError(
      'ERR_MODULE',
      `the module ${config.module} does not export a sink as its default; make one with defineSink`,
    );
  }
  return createModuleSink(await definition.open(config.options), config.timeout);
}

function isSink(value: unknown): value is SinkDefinition {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'kind') === marker;
}

/** Batches are JSON lines, so that they can be counted in bytes and kept on disk like any other. */
function createModuleSink(open: OpenSink, timeout: number): Sink {
  const { add, size, finish } = createLineEncoder((record) => JSON.stringify(record));
  return {
    encoder: { add, size, finish },
    async send({ body }, signal) {
      const lines = body.toString('utf8').trimEnd().split('\n');
      const records = lines.map((line): LogRecord => JSON.parse(line));
      await bounded(open.write(records, deadlineIn(timeout, signal)), timeout, signal);
      return accepted;
    },
    async close() {
      await open.close?.();
    },
  };
}

/** Does not wait for those who do not listen to their signal. */
function bounded(work: Promise<void>, timeout: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = deadlineIn(timeout, closing);
    const onAbort = () => reject(new Error(`the sink did not finish in ${timeout} ms`));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
