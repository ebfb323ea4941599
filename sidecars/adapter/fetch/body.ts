/** What a source answered, unpacked. */
export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/** Gets one document; rejects with a {@link FetchError}, also when the signal aborts. */
export type Fetch = (signal: AbortSignal) => Promise<Body>;

/** Why a source gave nothing, from a closed set for the metrics. */
export const failureReasons = [
  'connect',
  'timeout',
  'status',
  'too_large',
  'encoding',
  'secret',
  'file',
  'parse',
  'module',
  'aborted',
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** A source that failed, and why. */
export class SourceError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.reason = reason;
  }
}
