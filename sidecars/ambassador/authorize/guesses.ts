import type { Refusal } from '../refusal.ts';
import { createRateLimit } from './rate-limit.ts';

/**
 * Slows those who guess passwords: once an address has had too many refused, its passwords are not
 * even looked at until it has waited. Only passwords: a token cannot be guessed, and one caller's
 * bad tokens must not lock out the good ones from behind the same address.
 */
export interface Guesses {
  /** Before a credential is looked at. */
  check(address: string, authorization: string | undefined): Refusal | undefined;
  /** A credential was refused. */
  refused(address: string, authorization: string | undefined): void;
}

/** @param rate refused passwords a second that one address may have */
export function createGuesses(rate: number): Guesses {
  const burst = Math.max(1, Math.ceil(rate * 60));
  const limit = createRateLimit({ rate, burst });
  const blockedUntil = new Map<string, number>();
  const isPassword = (authorization: string | undefined) =>
    authorization !== undefined && /^basic /i.test(authorization);
  return {
    check(address, authorization) {
      const until = blockedUntil.get(address);
      if (until === undefined || !isPassword(authorization)) return undefined;
      const left = until - performance.now();
      if (left > 0) {
        const headers = ['Retry-After', String(Math.ceil(left / 1000))];
        return { status: 429, reason: 'too_many_failures', headers };
      }
      blockedUntil.delete(address);
      return undefined;
    },
    refused(address, authorization) {
      if (!isPassword(authorization)) return;
      const { allowed, remaining, retryAfter } = limit.take(address);
      if (allowed && remaining > 0) return;
      if (blockedUntil.size > 50_000) blockedUntil.clear();
      blockedUntil.set(address, performance.now() + retryAfter * 1000);
    },
  };
}
