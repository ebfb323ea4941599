import type { Metrics } from '../core/metrics.ts';
import { type FailureReason, failureReasons } from './forward/failure.ts';
import { isSignInStep, type Refusal, refusalReasons } from './refusal.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']);

/** The label of requests that no route was found for. */
export const noRoute = '(none)';

/** What is looked up when somebody asks. */
export interface Now {
  underWay(): number;
  connections(): Promise<number>;
}

export type AmbassadorMetrics = ReturnType<typeof createAmbassadorMetrics>;

/**
 * What the ambassador counts of itself. Requests are counted in plain numbers and put into the
 * registry when somebody asks, for that costs a tenth on the way of each request.
 */
export function createAmbassadorMetrics(metrics: Metrics, now: Now) {
  metrics.gauge({
    name: 'podmates_ambassador_requests_in_flight',
    help: 'Requests that have been received and not yet answered.',
    collect() {
      this.set(now.underWay());
    },
  });
  const counts = new Map<string, Map<string, Map<number, number>>>();
  metrics.counter({
    name: 'podmates_ambassador_requests_total',
    help: 'Requests by route, method and status code; 499 is a caller who hung up first.',
    labelNames: ['route', 'method', 'code'],
    collect() {
      this.reset();
      for (const [route, byMethod] of counts) {
        for (const [method, byCode] of byMethod) {
          for (const [code, count] of byCode) this.inc({ route, method, code }, count);
        }
      }
    },
  });
  return {
    ...createConnectionMetrics(metrics, now),
    ...createReasons(metrics),
    ...createDurations(metrics),
    ...createWebSocketMetrics(metrics),
    request(route: string, method: string, code: number) {
      const known = methods.has(method) ? method : 'other';
      const byMethod = getOrAdd(counts, route, createByMethod);
      const byCode = getOrAdd(byMethod, known, createByCode);
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
    },
  };
}

const createByMethod = () => new Map<string, Map<number, number>>();
const createByCode = () => new Map<number, number>();

function createConnectionMetrics(metrics: Metrics, { connections }: Now) {
  metrics.gauge({
    name: 'podmates_ambassador_connections',
    help: 'Connections from callers that are open.',
    async collect() {
      this.set(await connections());
    },
  });
  const dropped = metrics.counter({
    name: 'podmates_ambassador_connections_dropped_total',
    help: 'Connections that were closed unheard, for limits.connections were open.',
  });
  return { connectionDropped: () => dropped.inc() };
}

function createReasons(metrics: Metrics) {
  const refusals = metrics.counter({
    name: 'podmates_ambassador_refusals_total',
    help: 'Requests that were not let through to the app, by reason.',
    labelNames: ['reason'],
  });
  const failures = metrics.counter({
    name: 'podmates_ambassador_upstream_failures_total',
    help: 'Exchanges with the app that failed, by reason.',
    labelNames: ['reason'],
  });
  const retries = metrics.counter({
    name: 'podmates_ambassador_upstream_retries_total',
    help: 'Requests sent again because a kept-alive connection to the app was closed.',
  });
  for (const reason of refusalReasons) refusals.inc({ reason }, 0);
  for (const reason of failureReasons) failures.inc({ reason }, 0);
  return {
    refused: (reason: Refusal['reason']) => {
      if (!isSignInStep(reason)) refusals.inc({ reason });
    },
    upstreamFailed: (reason: FailureReason) => failures.inc({ reason }),
    retried: () => retries.inc(),
  };
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

function createDurations(metrics: Metrics) {
  const upstream = metrics.histogram({
    name: 'podmates_ambassador_upstream_duration_seconds',
    help: 'From handing a request on to the end of the answer.',
    buckets,
  });
  return { upstreamTook: (ms: number) => upstream.observe(ms / 1000) };
}

const closeReasons = ['expired', 'revoked', 'drained'] as const;

function createWebSocketMetrics(metrics: Metrics) {
  const websockets = metrics.gauge({
    name: 'podmates_ambassador_websockets',
    help: 'Upgraded connections that are open.',
  });
  const closed = metrics.counter({
    name: 'podmates_ambassador_websockets_closed_total',
    help: 'Upgraded connections that were closed from here, by reason.',
    labelNames: ['reason'],
  });
  for (const reason of closeReasons) closed.inc({ reason }, 0);
  return {
    websockets,
    websocketClosed: (reason: (typeof closeReasons)[number]) => closed.inc({ reason }),
  };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
