export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  readonly minMs: number;
  /** Upper bound of every later delay, in milliseconds. */
  readonly maxMs: number;
}

/**
 * Delays for retries: exponential with full jitter, so that many clients of one failed server
 * do not return to it in step.
 *
 * @returns a function from the number of failures so far (1 and up) to a delay in milliseconds
 */
export function createBackoff({ minMs, maxMs }: BackoffOptions): (failures: number) => number {
  return (failures) => {
    const bound = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
    return Math.round(bound / 2 + (Math.random() * bound) / 2);
  };
}
