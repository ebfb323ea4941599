import { randomFillSync } from 'node:crypto';

/** A request's place in a trace (W3C Trace Context, level 1). */
export interface Trace {
  readonly traceparent: string;
  readonly traceId: string;
  /** Whether the caller had begun it. */
  readonly kept: boolean;
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Keeps the trace that a caller began, or begins one. */
export function createTracer(): (traceparent: string | undefined) => Trace {
  // Random bytes are fetched for many requests at once: each fetch is a system call.
  const random = Buffer.alloc(24 * 256);
  let at = random.length;
  return (traceparent) => {
    if (traceparent !== undefined) {
      const traceId = pattern.exec(traceparent)?.[1];
      if (traceId !== undefined) return { traceparent, traceId, kept: true };
    }
    if (at === random.length) {
      randomFillSync(random);
      at = 0;
    }
    const hex = random.toString('hex', at, at + 24);
    at += 24;
    const traceId = hex.slice(0, 32);
    return { traceparent: `00-${traceId}-${hex.slice(32)}-01`, traceId, kept: false };
  };
}
