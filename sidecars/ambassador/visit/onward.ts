import type { ServerResponse } from 'node:http';
import { endEarly, refuse } from '../accept/refuse.ts';
import { breakerOpen } from '../forward/failure.ts';
import { writeForwarded } from '../forward/fields/forwarded.ts';
import { carry, type Outcome, type Passage } from '../forward/http1/exchange.ts';
import { acceptsTrailers, writeRequestHead } from '../forward/http1/request-head.ts';
import { carryByHttp2 } from '../forward/http2/exchange.ts';
import type { AmbassadorMetrics } from '../metrics.ts';
import { type Ending, endingOf } from './ending.ts';
import { type AdmittedVisit, headerOf, type Visit } from './visit.ts';

export interface OnwardOptions {
  readonly metrics: AmbassadorMetrics;
  finish(visit: Visit, ending: Ending): void;
}

/** Sends a visit that was let in on to its app, and says how it ended. */
export function sendOnward(
  visit: AdmittedVisit,
  response: ServerResponse,
  expectsContinue: boolean,
  { metrics, finish }: OnwardOptions,
): void {
  const begunAt = performance.now();
  const { pool, http2, breaker, config } = visit.route.upstream;
  const conclude = (outcome: Outcome) => {
    const upstreamMs = performance.now() - begunAt;
    metrics.upstreamTook(upstreamMs);
    count(outcome, metrics);
    const { ending, answer } = endingOf(outcome);
    if (answer !== undefined) refuse(visit.request, response, { status: answer });
    else if (outcome.kind === 'too_large' || outcome.kind === 'too_slow') response.destroy();
    finish(visit, { ...ending, upstreamMs });
  };
  if (breaker?.allows() === false) {
    conclude({ kind: 'failed', failure: breakerOpen });
    return;
  }
  const passage = describePassage(visit, response, expectsContinue, metrics.retried);
  const done = (outcome: Outcome) => {
    if (outcome.kind !== 'aborted') breaker?.noted(!('failure' in outcome));
    conclude(outcome);
  };
  if (http2 === undefined) carry(pool, passage, done);
  else carryByHttp2(http2, passage, config.timeouts, done);
}

function count(outcome: Outcome, metrics: AmbassadorMetrics): void {
  if (outcome.kind === 'too_large') metrics.refused('body_too_large');
  if (outcome.kind === 'too_slow') metrics.refused('body_too_slow');
  if ('failure' in outcome) metrics.upstreamFailed(outcome.failure.reason);
}

function describePassage(
  visit: AdmittedVisit,
  response: ServerResponse,
  expectsContinue: boolean,
  onRetry: () => void,
): Passage {
  const { request, checked, route, policy } = visit;
  return {
    request,
    response,
    method: checked.method,
    head: writeOnwardHead(visit),
    body: checked.body,
    maxBody: route.maxBody,
    bodyIdleMs: policy.bodyIdleMs,
    expectsContinue,
    acceptsTrailers: acceptsTrailers(headerOf(request, 'te') ?? ''),
    rules: policy.fieldRules,
    answerFields: visit.answerFields,
    onRetry,
    retries: route.upstream.config.retries,
    endEarly: () => endEarly(request, response),
  };
}

/** The head that the app gets of a visit: the caller's fields, and the lines that are ours to say. */
export function writeOnwardHead(visit: AdmittedVisit, upgrade?: string): string {
  const { request, checked, route, policy, identity, address, peer, trace } = visit;
  const { method, path, query, host, body } = checked;
  const { upstream } = route;
  const who = identity === undefined ? '' : policy.identityFields(identity);
  const way = writeForwarded({ client: address, peer, ...readOrigin(visit) });
  const tracing = trace.kept ? '' : `traceparent: ${trace.traceparent}\r\n`;
  return writeRequestHead(
    {
      method,
      target: path + query,
      rawHeaders: request.rawHeaders,
      ownCookies: policy.ownCookies,
      host: upstream.config.host === 'preserve' ? host : upstream.authority,
      added: who + way + tracing,
      body,
      upgrade,
    },
    // A trace that was not understood is begun anew: the old word for it must not stand beside.
    trace.kept || headerOf(request, 'traceparent') === undefined
      ? policy.fieldRules
      : (name) => (/^trace(parent|state)$/i.test(name) ? 'drop' : policy.fieldRules(name)),
  );
}

/** What the caller asked for, in the words of the proxy in front where that one is trusted. */
function readOrigin({ request, policy, peer, proto, checked }: AdmittedVisit): {
  proto: 'http' | 'https';
  host: string;
} {
  if (!policy.trusts(peer)) return { proto, host: checked.host };
  const said = headerOf(request, 'x-forwarded-proto');
  const host = headerOf(request, 'x-forwarded-host') ?? '';
  return {
    proto: said === 'http' || said === 'https' ? said : proto,
    host: /^[A-Za-z0-9.:[\]_-]+$/.test(host) ? host : checked.host,
  };
}
