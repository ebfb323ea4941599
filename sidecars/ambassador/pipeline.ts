import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { refuse } from './accept/refuse.ts';
import type { Visitors } from './accept/visitors.ts';
import { type AmbassadorMetrics, noRoute } from './metrics.ts';
import type { Policy } from './policy/policy.ts';
import type { Refusal } from './refusal.ts';
import type { AccessLog } from './visit/access-log.ts';
import { decide, judge, type Verdict } from './visit/decide.ts';
import { type Ending, endingOfRefusal } from './visit/ending.ts';
import { sendOnward } from './visit/onward.ts';
import type { Trace } from './visit/trace.ts';
import { createUpgrades, responseFor } from './visit/upgrades.ts';
import { type AdmittedVisit, headerOf, openVisit, type Visit } from './visit/visit.ts';

const reconsiderMs = 10_000;

export interface PipelineOptions {
  /** The policy in force now. */
  policy(): Policy;
  readonly accessLog: AccessLog;
  readonly metrics: AmbassadorMetrics;
  readonly logger: Logger;
  readonly tracer: (traceparent: string | undefined) => Trace;
}

export interface Pipeline extends Visitors {
  /** Requests that have not been answered yet. */
  readonly underWay: number;
  /** Connections in another protocol. */
  readonly upgraded: number;
  /** Asks the ends of upgraded connections to go (WebSocket 1001). */
  goAway(): void;
}

/** What happens to each request: decide, then refuse or carry, then count and log. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { metrics, tracer } = options;
  let underWay = 0;

  const open = (request: IncomingMessage): Visit => {
    underWay++;
    request.on('error', ignore); // told by the response's close; unheard it would end the process
    return openVisit(request, options.policy(), tracer(headerOf(request, 'traceparent')));
  };
  const finish = (visit: Visit, ending: Ending) => {
    underWay--;
    visit.release?.();
    const { route, request } = visit;
    metrics.request(route?.name ?? noRoute, request.method ?? '', ending.status);
    options.accessLog(visit, ending);
  };
  const turnAway = (visit: Visit, response: ServerResponse, refusal: Refusal) => {
    metrics.refused(refusal.reason);
    refuse(visit.request, response, refusal);
    finish(visit, endingOfRefusal(refusal));
  };
  /** Decides, and goes on with those that are let in: at once where nothing has to be asked. */
  const receive = (
    visit: Visit,
    response: ServerResponse,
    letIn: (admitted: AdmittedVisit) => void,
  ) => {
    const act = (verdict: Verdict) => {
      if (response.destroyed) {
        finish(visit, { status: 499, decision: 'refused', reason: 'caller_gone' });
      } else if ('status' in verdict) turnAway(visit, response, verdict);
      else letIn(verdict);
    };
    const gone = new AbortController();
    const verdict = decide(visit, gone.signal);
    if (!(verdict instanceof Promise)) return act(verdict);
    response.once('close', () => gone.abort());
    verdict
      .catch((error: unknown) => undecided(options.logger, error))
      .then(act)
      .catch((error: unknown) => {
        options.logger.error({ err: error }, `a request failed: ${describeError(error)}`);
        response.destroy();
      });
  };
  const upgrades = createUpgrades({
    metrics,
    turnAway,
    finish,
    reconsider: (visit) => reconsider({ ...visit, policy: options.policy() }, options.logger),
  });
  return {
    get underWay() {
      return underWay;
    },
    get upgraded() {
      return upgrades.open;
    },
    goAway: () => upgrades.goAway(),
    request(request, response, expectsContinue) {
      receive(open(request), response, (visit) =>
        sendOnward(visit, response, expectsContinue, { metrics, finish }),
      );
    },
    upgrade(request, socket, rest) {
      const response = responseFor(request, socket);
      receive(open(request), response, (visit) =>
        upgrades.admit(visit, { response, socket, rest }),
      );
    },
    dropped: metrics.connectionDropped,
    malformed(status) {
      metrics.refused('malformed_request');
      metrics.request(noRoute, '', status);
    },
  };
}

function ignore(): void {}

/** Judges an open connection by the policy in force now; undefined while it may stay. */
async function reconsider(visit: Visit, logger: Logger): Promise<Refusal | undefined> {
  try {
    const verdict = await judge(visit, AbortSignal.timeout(reconsiderMs));
    return 'status' in verdict ? verdict : undefined;
  } catch (error) {
    return undecided(logger, error);
  }
}

/** What cannot be decided is denied. */
function undecided(logger: Logger, error: unknown): Refusal {
  logger.error({ err: error }, `a decision failed: ${describeError(error)}`);
  return { status: 503, reason: 'credential_undecided' };
}
