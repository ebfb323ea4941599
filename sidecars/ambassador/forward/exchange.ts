import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerListener, Connection } from './connection.ts';
import type { Failure } from './failure.ts';
import { type FieldRules, filterAnswerFields } from './field-rules.ts';
import type { Pool } from './pool.ts';
import { sendRequestBody } from './request-body.ts';
import type { ResponseHead } from './response-head.ts';
import { filterTrailers } from './trailers.ts';

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
  /** Retries on another connection when a kept-alive one turns out to be closed. */
  readonly retries: number;
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
  /** The body was too long; the caller is still to be told if nothing was answered. */
  | { readonly kind: 'too_large'; readonly answered: boolean };

/** Bodies up to here that come in one piece go out with their head in one write. */
const smallBody = 4096;

/** Carries one request to the app and its answer back, and says once how it ended. */
export function carry(pool: Pool, passage: Passage, done: (outcome: Outcome) => void): void {
  const { response } = passage;
  let connection: Connection | undefined;
  let waiting: { cancel(): void } | undefined;
  let body: ReturnType<typeof sendRequestBody> | undefined;
  let head: ResponseHead | undefined;
  let attempts = 0;
  let settled = false;

  const settle = (outcome: Outcome) => {
    if (settled) return;
    settled = true;
    body?.stop();
    waiting?.cancel();
    response.off('close', onClose);
    response.off('drain', onDrain);
    done(outcome);
  };
  const onClose = () => {
    connection?.destroy();
    settle({ kind: 'aborted', status: head?.status });
  };
  const onDrain = () => connection?.resume();
  const fail = (failure: Failure) => {
    if (settled) return;
    if (head === undefined) {
      const mayRetry = failure.stale && attempts <= passage.retries && isRepeatable(passage);
      return mayRetry ? attempt(true) : settle({ kind: 'failed', failure });
    }
    response.destroy(); // never a clean end: the caller must see that something is missing
    settle({ kind: 'broken', failure, status: head.status });
  };
  const answer: AnswerListener = {
    informational({ status, headers, connection: options }) {
      if (status === 103) writeEarlyHints(response, filterAnswerFields(headers, options));
    },
    head(got) {
      head = got;
      if (settled) return;
      response.sendDate = false;
      if (!requestSent()) response.shouldKeepAlive = false;
      response.writeHead(got.status, got.reason, filterAnswerFields(got.headers, got.connection));
      if (got.framing.kind !== 'none' && got.framing.kind !== 'length') response.flushHeaders();
    },
    body(bytes, last) {
      if (settled) return;
      if (last && bytes.length <= smallBody && !response.headersSent && requestSent()) {
        response.end(bytes.toString('latin1', 0, bytes.length), 'latin1');
      } else if (!response.write(Buffer.from(bytes))) connection?.pause();
    },
    end(trailers) {
      if (settled) return;
      const whole = requestSent();
      if (!whole) connection?.destroy(); // the app answered without wanting the rest
      if (trailers.length > 0 && passage.acceptsTrailers) {
        response.addTrailers(toPairs(filterTrailers(trailers)));
      }
      settle({ kind: 'answered', status: head?.status ?? 0 });
      if (!whole) passage.endEarly();
      else if (!response.writableEnded) response.end();
    },
    upgraded: () => connection?.destroy(), // never asked for here
    drained: () => body?.resume(),
    failed: fail,
  };
  const requestSent = () => body === undefined || body.sent;
  const begin = (taken: Connection) => {
    connection = taken;
    taken.begin(
      {
        method: passage.method,
        head: passage.head,
        complete: passage.body === undefined,
        upgrade: false,
      },
      answer,
    );
    if (passage.body === undefined) return;
    if (passage.expectsContinue) response.writeContinue();
    body = sendRequestBody(passage, taken, (problem) => {
      taken.destroy();
      if (problem === 'aborted') settle({ kind: 'aborted', status: head?.status });
      else settle({ kind: 'too_large', answered: head !== undefined });
    });
  };
  const attempt = (fresh: boolean) => {
    attempts++;
    const taken = pool.take(fresh);
    if (taken !== undefined) return begin(taken);
    waiting = pool.wait((given) => {
      if (given !== undefined) return begin(given);
      const message = 'all connections to the app are at work';
      settle({ kind: 'failed', failure: { reason: 'busy', message, stale: false } });
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

function writeEarlyHints(response: ServerResponse, fields: readonly string[]): void {
  const links: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]?.toLowerCase() === 'link') links.push(fields[i + 1] ?? '');
  }
  if (links.length > 0 && !response.headersSent) response.writeEarlyHints({ link: links });
}

function toPairs(fields: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i] ?? '', fields[i + 1] ?? '']);
  return pairs;
}
