import { type Failure, statusOf } from '../forward/failure.ts';
import type { Outcome } from '../forward/http1/exchange.ts';
import { isSignInStep, type Refusal } from '../refusal.ts';

/** How a visit ended, for the log and the metrics. */
export interface Ending {
  /** What the caller was answered; 499 when it had hung up before. */
  readonly status: number;
  /** Answered: by the ambassador itself, as a step of a login. */
  readonly decision: 'allowed' | 'refused' | 'answered';
  /** Why refused, or what went wrong on the way. */
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  readonly upstreamMs?: number | undefined;
}

/** A status that is still to be told to the caller comes with it. */
export interface Conclusion {
  readonly ending: Ending;
  readonly answer: number | undefined;
}

export function endingOf(outcome: Outcome): Conclusion {
  switch (outcome.kind) {
    case 'answered':
      return { ending: { status: outcome.status, decision: 'allowed' }, answer: undefined };
    case 'aborted': {
      const status = outcome.status ?? 499;
      return { ending: { status, decision: 'allowed', reason: 'caller_gone' }, answer: undefined };
    }
    case 'too_large':
    case 'too_slow': {
      const status = outcome.kind === 'too_large' ? 413 : 408;
      return {
        ending: { status, decision: 'refused', reason: `body_${outcome.kind}` },
        answer: outcome.answered ? undefined : status,
      };
    }
    case 'broken':
      return { ending: endingOfFailure(outcome.failure, outcome.status), answer: undefined };
    case 'failed': {
      const status = statusOf(outcome.failure.reason);
      return { ending: endingOfFailure(outcome.failure, status), answer: status };
    }
  }
}

export function endingOfFailure({ reason, message }: Failure, status: number): Ending {
  return { status, decision: 'allowed', reason, detail: message };
}

export function endingOfRefusal({ status, reason, detail }: Refusal): Ending {
  return { status, decision: isSignInStep(reason) ? 'answered' : 'refused', reason, detail };
}
