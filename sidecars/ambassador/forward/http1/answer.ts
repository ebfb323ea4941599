import type { ServerResponse } from 'node:http';
import type { Failure } from '../failure.ts';
import { filterAnswerFields } from '../fields/field-rules.ts';
import { filterTrailers } from '../fields/trailers.ts';
import type { AnswerListener, Connection } from './connection.ts';
import type { Copier } from './copier.ts';
import type { Outcome, Passage } from './exchange.ts';
import type { RequestBody } from './request-body.ts';
import type { ResponseHead } from './response-head.ts';

/** What the answer needs of the exchange that it belongs to. */
export interface AnswerSurroundings {
  settle(outcome: Outcome): void;
  readonly copier: Copier;
  connection(): Connection | undefined;
  requestBody(): RequestBody | undefined;
  /** Tries again where that is safe; false where it is not. */
  retry(failure: Failure): boolean;
}

/**
 * The way back: from the app's connection to the caller. Plain fields, for V8 makes a hidden class
 * of each object literal with a getter, and there is one of these for each request.
 */
export interface Answer {
  readonly listener: AnswerListener;
  /** Of the answer that has begun. */
  status: number | undefined;
  /** Nothing is passed on any more. */
  settled: boolean;
}

/** Bodies up to here that come in one piece go out with their head in one write. */
const smallBody = 4096;

export function createAnswer(passage: Passage, around: AnswerSurroundings): Answer {
  const { response } = passage;
  const requestSent = () => around.requestBody()?.sent() ?? passage.body === undefined;
  let first = true;

  const listener: AnswerListener = {
    informational({ status, headers, connection }) {
      if (status === 103) writeEarlyHints(response, filterAnswerFields(headers, connection));
    },
    head(got) {
      if (!answer.settled) writeHead(passage, got, requestSent()); // throws for odd fields: 502
      answer.status = got.status;
    },
    body(bytes, last) {
      if (answer.settled) return;
      if (last && first && bytes.length <= smallBody && requestSent()) {
        return void response.end(bytes.toString('latin1'), 'latin1');
      }
      first = false;
      if (!around.copier.write(response, bytes)) around.connection()?.pause();
    },
    end(trailers) {
      if (answer.settled) return;
      const whole = requestSent();
      if (!whole) around.connection()?.destroy(); // the app answered without wanting the rest
      if (trailers.length > 0 && passage.acceptsTrailers) {
        response.addTrailers(toPairs(filterTrailers(trailers)));
      }
      around.settle({ kind: 'answered', status: answer.status ?? 0 });
      if (!whole) passage.endEarly();
      else if (!response.writableEnded) response.end();
    },
    upgraded: () => around.connection()?.destroy(), // never asked for here
    drained: () => around.requestBody()?.resume(),
    failed(failure) {
      if (answer.settled) return;
      const { status } = answer;
      if (status !== undefined) {
        response.destroy(); // never a clean end: the caller must see that something is missing
        around.settle({ kind: 'broken', failure, status });
      } else if (!around.retry(failure)) around.settle({ kind: 'failed', failure });
    },
  };
  const answer: Answer = {
    listener,
    status: undefined,
    settled: false,
  };
  return answer;
}

function writeHead(
  { response, answerFields }: Passage,
  { status, reason, headers, connection, framing }: ResponseHead,
  requestSent: boolean,
): void {
  response.sendDate = false;
  if (!requestSent) response.shouldKeepAlive = false;
  const fields = filterAnswerFields(headers, connection);
  if (answerFields.length > 0) fields.push(...answerFields);
  response.writeHead(status, reason, fields);
  // A body whose length is not known may take its time: its head is not to wait for it.
  if (framing.kind === 'chunked' || framing.kind === 'close') response.flushHeaders();
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
