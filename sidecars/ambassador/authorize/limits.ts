import type { Identity } from '../identity.ts';
import type { Refusal } from '../refusal.ts';
import type { RouteLimits } from './config.ts';
import { createRateLimit, type Taking } from './rate-limit.ts';

/** A place within a route's limits; or the refusal when there is none. */
export type Admission =
  | {
      /** Fields for the answer, as names and values in turn. */
      readonly fields: readonly string[];
      /** The request is over. */
      release(): void;
    }
  | Refusal;

/** Admits callers within a route's limits. */
export type Limits = (identity: Identity | undefined, address: string) => Admission;

const nothing: readonly string[] = [];

/** Undefined when nothing is limited but the body. */
export function createLimits(config: RouteLimits | undefined): Limits | undefined {
  if (config?.rate === undefined && config?.concurrent === undefined) return undefined;
  const { rate, per, concurrent } = config;
  const burst = config.burst ?? Math.max(1, Math.ceil(rate ?? 1));
  const limit = rate === undefined ? undefined : createRateLimit({ rate, burst });
  const window = rate === undefined ? 0 : Math.max(1, Math.round(burst / rate));
  const atWork = new Map<string, number>();
  return (identity, address) => {
    const key = keyOf(per, identity, address);
    const working = atWork.get(key) ?? 0;
    if (concurrent !== undefined && working >= concurrent) {
      return { status: 429, reason: 'too_many_concurrent', headers: ['Retry-After', '1'] };
    }
    const taking = limit?.take(key);
    const fields = taking === undefined ? nothing : describe(taking, burst, window);
    if (taking?.allowed === false) {
      const headers = ['Retry-After', String(taking.retryAfter), ...fields];
      return { status: 429, reason: 'rate_limited', headers };
    }
    if (concurrent === undefined) return { fields, release: () => {} };
    atWork.set(key, working + 1);
    return { fields, release: () => leave(atWork, key) };
  };
}

function keyOf(per: RouteLimits['per'], identity: Identity | undefined, address: string): string {
  if (per === 'route') return '';
  if (per === 'address' || identity === undefined) return address;
  return JSON.stringify([identity.provider, identity.subject]);
}

/** draft-ietf-httpapi-ratelimit-headers-10. */
function describe({ remaining, reset }: Taking, burst: number, window: number): string[] {
  return [
    'RateLimit-Policy',
    `"default";q=${burst};w=${window}`,
    'RateLimit',
    `"default";r=${remaining};t=${reset}`,
  ];
}

function leave(atWork: Map<string, number>, key: string): void {
  const left = (atWork.get(key) ?? 1) - 1;
  if (left > 0) atWork.set(key, left);
  else atWork.delete(key);
}
