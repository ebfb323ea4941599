import type { IncomingMessage, ServerResponse } from 'node:http';
import { allAtWork, type Failure } from '../failure.ts';
import type { FieldRules } from '../fields/field-rules.ts';
import { createAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Pool } from './pool.ts';
import { type RequestBody, sendRequestBody } from './request-body.ts';

/** One request on its way to the app and the answer on its way back. */
export interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** As `writeRequestHead` made it. */
  readonly head: string;
  /** `chunked`, a `Content-Length`, or undefined without a body. */
  readonly body: string | undefined;
  /** Longest body to let through, in bytes. */
  readonly maxBody: number;
  /** Longest wait for more of the body, in milliseconds. */
  readonly bodyIdleMs: number;
  /** The caller waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** The caller can read trailers (`TE: trailers`). */
  readonly acceptsTrailers: boolean;
  /** Which fields of the caller may go on; they hold for its trailers too. */
  readonly rules: FieldRules;
  /**
   * Ends an answer that came before the request had been sent whole, so that the caller can still
   * read it.
   */
  endEarly(): void;
  /** Fields to add to the answer, as names and values in turn. */
  readonly answerFields: readonly string[];
  /** Retries on another connection when a kept-alive one turns out to be closed. */
  readonly retries: number;
  onRetry(): void;
}

/** How it ended. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number }
  /** The caller hung up; the status if the answer had begun. */
  | { readonly kind: 'aborted'; readonly status: number | undefined }
  /** Nothing was answered yet: the caller is still to be told. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The answer broke off in the middle, and so did the caller's connection. */
  | { readonly kind: 'broken'; readonly failure: Failure; readonly status: number }
  /** The body was too long or too slow; the caller is still to be told if nothing was answered. */
  | { readonly kind: 'too_large' | 'too_slow'; readonly answered: boolean };

/** Carries one request to the app and its answer back, and says once how it ended. */
export function carry(pool: Pool, passage: Passage, done: (outcome: Outcome) => void): void {
  const { response } = passage;
  let connection: Connection | undefined;
  let waiting: { cancel(): void } | undefined;
  let body: RequestBody | undefined;
  let attempts = 0;

  const settle = (outcome: Outcome) => {
    if (answer.settled) return;
    answer.settled = true;
    body?.stop();
    waiting?.cancel();
    done(outcome);
  };
  const onClose = () => {
    if (answer.settled) return; // every response closes in the end
    connection?.destroy();
    settle({ kind: 'aborted', status: answer.status });
  };
  const onDrain = () => {
    if (!answer.settled) connection?.resume();
  };
  const answer = createAnswer(passage, {
    settle,
    copier: pool.copier,
    connection: () => connection,
    requestBody: () => body,
    retry(failure) {
      if (!failure.stale || attempts > passage.retries || !isRepeatable(passage)) return false;
      passage.onRetry();
      attempt(true);
      return true;
    },
  });
  const begin = (taken: Connection) => {
    connection = taken;
    const { method, head, expectsContinue } = passage;
    const complete = passage.body === undefined;
    taken.begin({ method, head, complete, upgrade: false }, answer.listener);
    if (complete) return;
    if (expectsContinue) response.writeContinue();
    body = sendRequestBody(passage, taken, (problem) => {
      taken.destroy();
      if (problem === 'aborted') settle({ kind: 'aborted', status: answer.status });
      else settle({ kind: problem, answered: answer.status !== undefined });
    });
  };
  const attempt = (fresh: boolean) => {
    attempts++;
    const taken = pool.take(fresh);
    if (taken !== undefined) return begin(taken);
    waiting = pool.wait((given) => {
      if (given !== undefined) return begin(given);
      settle({ kind: 'failed', failure: allAtWork });
    });
  };
  response.on('close', onClose);
  response.on('drain', onDrain);
  attempt(false);
}

/** RFC 9110 section 9.2.2, and nothing of the body may have been given away. */
function isRepeatable({ method, body }: Passage): boolean {
  return body === undefined && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}
