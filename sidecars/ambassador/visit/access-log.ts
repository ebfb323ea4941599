import type { Logger } from '../../core/logger.ts';
import type { Ending } from './ending.ts';
import type { Visit } from './visit.ts';

export type AccessLog = (visit: Visit, ending: Ending) => void;

/**
 * One line for each request: who, where, what was decided, how long. Never a header, never a query:
 * tokens travel in both.
 */
export function createAccessLog(
  logger: Logger,
  which: () => 'all' | 'refused' | 'none',
): AccessLog {
  // Looking for secrets would cost five times as much as the line; these fields can hold none.
  const lines = logger.child({}, { redact: [] });
  return (visit, ending) => {
    const wanted = which();
    if (wanted === 'none') return;
    const isWell =
      ending.decision === 'answered' ||
      (ending.decision === 'allowed' && ending.reason === undefined);
    if (wanted === 'refused' && isWell) return;
    const { checked, route, identity, request, trace } = visit;
    lines.info(
      {
        method: request.method,
        path: checked?.path,
        host: checked?.host,
        route: route?.name,
        status: ending.status,
        decision: ending.decision,
        reason: ending.reason,
        detail: ending.detail,
        subject: identity?.subject,
        provider: identity?.provider,
        address: visit.address,
        ms: round(performance.now() - visit.startedAt),
        upstreamMs: ending.upstreamMs === undefined ? undefined : round(ending.upstreamMs),
        traceId: trace.traceId,
      },
      'request',
    );
  };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
