import { createBackoff } from '../../../core/backoff.ts';
import { describeError } from '../../../core/errors.ts';
import { pause } from '../../../core/lifecycle.ts';
import type { Logger } from '../../../core/logger.ts';
import type { ShippingConfig } from '../config.ts';
import type { OutputMetrics } from '../metrics.ts';
import { type Batch, type Receipt, type Rejection, SendError, type Sink } from '../sink.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';

export interface SenderOptions {
  readonly name: string;
  readonly config: Pick<ShippingConfig, 'retry' | 'rejected'>;
  readonly sink: Pick<Sink, 'send' | 'halve'>;
  readonly metrics: OutputMetrics;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

export interface Sender {
  /** Sends until the batch is done with. @returns false when closed before that */
  send(batch: Batch): Promise<boolean>;
  /** From now on waits are short: there is not much time left. */
  hurry(): void;
  /** Empty when the last attempt succeeded. */
  lastError(): string;
}

/** No receiver may ask to be left alone for longer; milliseconds. */
const maxRetryAfter = 300_000;
const hurriedWait = 250;

/** Sends batches again until the receiver has taken, or refused, every record. */
export function createSender({ config, sink, closing, ...rest }: SenderOptions): Sender {
  const { name, metrics, logger } = rest;
  const { min, max, attempts = Number.POSITIVE_INFINITY } = config.retry;
  const delayAfter = createBackoff({ minMs: min, maxMs: max });
  const outcome = createOutcome({ name, metrics, logger, rejected: config.rejected });
  const hurried = new AbortController();
  let lastError = '';

  const fail = (error: SendError, failures: number): number => {
    metrics.failed(error.reason);
    if (lastError === '') {
      logger.warn({ output: name, reason: error.reason }, `output ${name} fails: ${error.message}`);
    }
    lastError = error.message;
    if (hurried.signal.aborted) return hurriedWait;
    return Math.max(delayAfter(failures), Math.min(error.retryAfterMs ?? 0, maxRetryAfter));
  };
  const recover = () => {
    if (lastError !== '') logger.info({ output: name }, `output ${name} works again`);
    lastError = '';
    return true;
  };
  const send = async (batch: Batch): Promise<boolean> => {
    let left = batch;
    for (let failures = 1; !closing.aborted; failures += 1) {
      const result = await attempt(sink, left, closing);
      if (closing.aborted && result instanceof SendError) return false;
      const halves = isTooLarge(result) ? sink.halve?.(left) : undefined;
      if (halves !== undefined) {
        metrics.failed('refused');
        return (await send(halves[0])) && send(halves[1]);
      }
      if (!(result instanceof SendError)) {
        outcome.settle(left, result);
        if (result.again === undefined) return recover();
        left = result.again;
      }
      const error = result instanceof SendError ? result : partialFailure();
      const wait = fail(error, failures);
      if (!error.retryable || failures >= attempts) {
        outcome.giveUp(left, error);
        return error.retryable || recover();
      }
      await pause(wait, hurried.signal.aborted ? closing : either(closing, hurried.signal));
    }
    return false;
  };
  return { send, lastError: () => lastError, hurry: () => hurried.abort() };
}

function isTooLarge(result: Receipt | SendError): boolean {
  return result instanceof SendError && result.tooLarge;
}

function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  return AbortSignal.any([one, other]);
}

async function attempt(
  sink: Pick<Sink, 'send'>,
  batch: Batch,
  signal: AbortSignal,
): Promise<Receipt | SendError> {
  try {
    return await sink.send(batch, signal);
  } catch (error) {
    if (error instanceof SendError) return error;
    const options = { reason: 'other', retryable: true, cause: error } as const;
    return new SendError(describeError(error), options);
  }
}

function partialFailure(): SendError {
  const options = { reason: 'status', retryable: true } as const;
  return new SendError('it took only some of the records', options);
}

interface OutcomeOptions extends Pick<SenderOptions, 'name' | 'metrics' | 'logger'> {
  readonly rejected: ShippingConfig['rejected'];
}

/** Counts what became of records, and keeps those that no receiver will take. */
function createOutcome({ name, metrics, logger, rejected }: OutcomeOptions) {
  const letters: DeadLetters | undefined = rejected && createDeadLetters(rejected);
  const keep = (rejections: readonly Rejection[]) => {
    try {
      letters?.write(name, rejections);
    } catch (error) {
      logger.error({ err: error }, 'cannot write rejected records: they are lost');
    }
  };
  const bury = (rejections: readonly Rejection[], records: number) => {
    metrics.rejected(records);
    const reason = rejections[0]?.reason ?? 'it does not say which, nor why';
    logger.warn({ output: name, records }, `${name} refused ${records} records: ${reason}`);
    keep(rejections);
  };
  return {
    settle(batch: Batch, { rejected: refused, rejectedUnseen = 0, again }: Receipt) {
      if (refused.length > 0) bury(refused, refused.length);
      if (rejectedUnseen > 0) bury([], rejectedUnseen);
      const taken = batch.records - refused.length - rejectedUnseen - (again?.records ?? 0);
      metrics.sent(taken, batch.body.length);
    },
    giveUp(batch: Batch, error: SendError) {
      const record = batch.body.toString('utf8');
      if (!error.retryable) return bury([{ reason: error.message, record }], batch.records);
      metrics.dropped('attempts', batch.records);
      keep([{ reason: `given up: ${error.message}`, record }]);
    },
  };
}
