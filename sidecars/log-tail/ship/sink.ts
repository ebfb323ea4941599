import { PodmatesError } from '../../core/errors.ts';
import type { LogRecord } from '../record.ts';
import type { Allocate } from './encode/slabs.ts';

/** Records as a sink's own encoder wrote them: can be sent, sent again, or kept on disk. */
export interface Batch {
  readonly body: Buffer;
  readonly records: number;
}

/** Puts records together into the body of a batch. */
export interface Encoder {
  add(record: LogRecord): void;
  /** Takes whole lines as they are; missing where a receiver needs each record. */
  addLines?(bytes: Buffer): void;
  /** About how many bytes the body would have now. */
  size(): number;
  /** The body of what was added, in memory that was allocated so; the next one begins empty. */
  finish(allocate: Allocate): Buffer;
}

/** A record that the receiver will never take. */
export interface Rejection {
  readonly reason: string;
  /** As it was sent. */
  readonly record: string;
}

export interface Receipt {
  /** Records that the receiver refused while it took others of the batch. */
  readonly rejected: readonly Rejection[];
  /** How many more it refused without saying which. */
  readonly rejectedUnseen?: number;
  /** Those records of the batch that may be taken later. */
  readonly again?: Batch;
}

export const accepted: Receipt = { rejected: [] };

/** Somewhere records go. */
export interface Sink {
  readonly encoder: Encoder;
  /**
   * Sends a batch once; resolves when the receiver has it.
   * @throws SendError, which says whether to try again
   */
  send(batch: Batch, signal: AbortSignal): Promise<Receipt>;
  /** Cuts a batch in two, for a receiver that finds it too large. */
  halve?(batch: Batch): readonly [Batch, Batch] | undefined;
  close(): Promise<void>;
}

/** Why a batch did not go out; label of the metric. */
export const failureReasons = ['connect', 'timeout', 'status', 'refused', 'other'] as const;
export type FailureReason = (typeof failureReasons)[number];

export interface SendErrorOptions extends ErrorOptions {
  readonly reason: FailureReason;
  /** Whether the same batch may be taken later. */
  readonly retryable: boolean;
  /** How long the receiver wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether a smaller batch might be taken. */
  readonly tooLarge?: boolean;
}

export class SendError extends PodmatesError {
  readonly reason: FailureReason;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly tooLarge: boolean;

  constructor(
    message: string,
    { reason, retryable, retryAfterMs, tooLarge = false, ...options }: SendErrorOptions,
  ) {
    super('ERR_IO', message, options);
    this.name = 'SendError';
    this.reason = reason;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.tooLarge = tooLarge;
  }
}
