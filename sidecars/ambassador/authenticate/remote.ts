import { describeError, PodmatesError } from '../../core/errors.ts';
import { createHttpClient, type HttpRequest, type HttpResponse } from '../../core/http/client.ts';
import { placeOf } from '../../core/http/place.ts';
import type { HttpTarget } from '../../core/http/target.ts';
import type { ProviderContext } from './provider.ts';

/** Why a service could not be asked; each is a reason for `undecided`. */
export type RemoteFailure = 'timeout' | 'unreachable' | 'bad_answer';

/** A service that is asked about credentials. */
export interface Remote {
  /**
   * One exchange, judged by `read`: what it makes of the answer, or undefined when the answer is
   * none of those that the service may give.
   */
  ask<T>(
    request: Omit<HttpRequest, 'maxBytes'>,
    read: (response: HttpResponse) => T | undefined,
  ): Promise<T | RemoteFailure>;
  /** Always ready: other credentials can be judged without it, and every replica shares it. */
  check(): { readonly ok: true; readonly message: string };
  stop(): Promise<void>;
}

const maxAnswerBytes = 65_536;

export function createRemote(target: HttpTarget, context: ProviderContext): Remote {
  const { name, logger } = context;
  const client = createHttpClient({ target, connections: 16 });
  let failure: string | undefined;

  const fail = (reason: RemoteFailure, message: string): RemoteFailure => {
    // Only the change is told: the failures are counted, and may be as many as there are callers.
    if (failure === undefined) logger.warn({ provider: name, reason }, `cannot decide: ${message}`);
    failure = message;
    return reason;
  };
  const recover = () => {
    if (failure !== undefined) logger.info({ provider: name }, 'answers again');
    failure = undefined;
  };
  return {
    async ask(request, read) {
      try {
        const response = await client.request({ ...request, maxBytes: maxAnswerBytes });
        const result = read(response);
        if (result === undefined) {
          const place = placeOf(request.url);
          return fail('bad_answer', `${place} answered ${response.status}, unexpectedly`);
        }
        recover();
        return result;
      } catch (error) {
        return fail(toReason(error), describeError(error));
      }
    },
    check: () => ({ ok: true, message: failure ?? 'answers' }),
    stop: () => client.close(),
  };
}

function toReason(error: unknown): RemoteFailure {
  if (!(error instanceof PodmatesError)) return 'bad_answer';
  if (error.code === 'ERR_TIMEOUT') return 'timeout';
  return error.code === 'ERR_TOO_LARGE' ? 'bad_answer' : 'unreachable';
}

/** The JSON object in an answer; undefined when there is none. */
export function readJson({ body }: HttpResponse): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = JSON.parse(body.toString('utf8'));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
