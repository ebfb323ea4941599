/** Why an upstream exchange failed. A closed set: it is a metric label. */
export const failureReasons = [
  'connect',
  'connect_timeout',
  'first_byte_timeout',
  'idle_timeout',
  'whole_timeout',
  'reset',
  'malformed',
  'busy',
  'breaker_open',
] as const;
export type FailureReason = (typeof failureReasons)[number];

export interface Failure {
  readonly reason: FailureReason;
  /** For the log. */
  readonly message: string;
  /** The connection had served before and closed without a byte of an answer: the keep-alive race. */
  readonly stale: boolean;
}

/** The status that tells a caller of a failure before the answer began (RFC 9110 section 15.6). */
export function statusOf(reason: FailureReason): 502 | 503 | 504 {
  switch (reason) {
    case 'connect_timeout':
    case 'first_byte_timeout':
    case 'idle_timeout':
    case 'whole_timeout':
      return 504;
    case 'busy':
    case 'breaker_open':
      return 503;
    default:
      return 502;
  }
}

/** No connection came free in time. */
export const allAtWork: Failure = {
  reason: 'busy',
  message: 'all connections to the app are at work',
  stale: false,
};

/** The app has failed too often just now. */
export const breakerOpen: Failure = {
  reason: 'breaker_open',
  message: 'the app has failed too often, it is left alone for a while',
  stale: false,
};
