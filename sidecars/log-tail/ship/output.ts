import type { FollowedFile, LogRecord } from '../record.ts';

/** Everything of a file before `offset` has been given to an output, or left out by a step. */
export interface Mark {
  readonly file: FollowedFile;
  readonly offset: number;
}

/** One of the config's outputs with all that stands in front of it. */
export interface Output {
  readonly name: string;
  /** Whether reading waits for it, and acknowledgements with it. */
  readonly required: boolean;
  /** Whether whole lines as they were written are all it needs. */
  readonly takesLines: boolean;
  start(): Promise<void>;
  /** Takes lines as they are; the bytes are the caller's again afterwards. */
  addLines(bytes: Buffer, records: number): void;
  add(record: LogRecord): void;
  /**
   * Calls `reached` when all that came before the mark has been taken.
   * @returns true when that was so already, and `reached` has been called
   */
  mark(mark: Mark): boolean;
  isFull(): boolean;
  /** Sends all it holds. @returns what it could not until the deadline, in words */
  drain(deadline: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
  status(): OutputStatus;
}

export interface OutputStatus {
  readonly state: 'well' | 'retrying' | 'failed';
  readonly queuedBytes: number;
  readonly queuedRecords: number;
  readonly lastError: string;
}

/** What an output tells those who wait for it. */
export interface OutputEvents {
  reached(mark: Mark): void;
  /** It was full and is not any more. */
  room(): void;
  /** It can never take anything again. */
  failed(error: unknown): void;
}
