import { setTimeout as pause } from 'node:timers/promises';

export interface AwaitOptions {
  readonly timeoutMs?: number;
  /** What is awaited, for the message of the error. */
  readonly what: string;
}

/**
 * Asks until the answer is neither undefined nor false; for conditions that announce themselves by
 * no event. An error of the last asking is the cause of the one thrown.
 */
export async function awaitUntil<T>(
  ask: () => T | Promise<T>,
  { timeoutMs = 10_000, what }: AwaitOptions,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause });
    }
    await pause(50);
  }
}
