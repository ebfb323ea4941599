import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { describeError, PodmatesError } from '../../../core/errors.ts';
import type { FailureReason } from '../failure.ts';
import { filterAnswerFields } from '../fields/field-rules.ts';
import { filterTrailers } from '../fields/trailers.ts';
import type { Timeouts } from '../http1/connection-state.ts';
import type { Outcome, Passage } from '../http1/exchange.ts';
import { type RequestBody, sendRequestBody } from '../http1/request-body.ts';
import type { Http2Connection, Http2Upstream } from './session.ts';

/** Carries one request to an app that speaks HTTP/2, and says once how it ended. */
export function carryByHttp2(
  upstream: Http2Upstream,
  passage: Passage,
  timeouts: Timeouts,
  done: (outcome: Outcome) => void,
): void {
  const endStream = passage.body === undefined;
  const connection = upstream.connection();
  let stream: ClientHttp2Stream;
  try {
    stream = connection.session.request(readHead(passage.head), { endStream });
  } catch (error) {
    const failure = { reason: 'malformed', message: describeError(error), stale: false } as const;
    done({ kind: 'failed', failure });
    return;
  }
  exchange(connection, stream, passage, timeouts, done);
}

function exchange(
  connection: Http2Connection,
  stream: ClientHttp2Stream,
  passage: Passage,
  timeouts: Timeouts,
  done: (outcome: Outcome) => void,
): void {
  const { response } = passage;
  const bodyless = passage.body === undefined;
  let body: RequestBody | undefined;
  let status: number | undefined;
  let trailers: [string, string][] = [];
  let settled = false;

  const settle = (outcome: Outcome) => {
    if (settled) return;
    settled = true;
    clearTimeout(whole);
    body?.stop();
    response.off('close', onClose);
    response.off('drain', onDrain);
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    done(outcome);
  };
  const onClose = () => settle({ kind: 'aborted', status });
  const onDrain = () => void stream.resume();
  const fail = (reason: FailureReason, message: string) => {
    if (settled) return;
    const failure = { reason, message, stale: false };
    if (status === undefined) return settle({ kind: 'failed', failure });
    response.destroy();
    settle({ kind: 'broken', failure, status });
  };
  const tooSlow = (reason: FailureReason) => fail(reason, `the app was too slow (${reason})`);
  const whole =
    timeouts.whole === undefined
      ? undefined
      : setTimeout(tooSlow, timeouts.whole, 'whole_timeout').unref();
  response.on('close', onClose);
  response.on('drain', onDrain);
  stream.setTimeout(timeouts.firstByte, () => {
    connection.probe(); // is it this request that is slow, or is nobody there any more?
    tooSlow(status === undefined ? 'first_byte_timeout' : 'idle_timeout');
  });
  stream.on('response', (headers, flags, ...rest) => {
    status = headers[':status'] ?? 502;
    stream.setTimeout(timeouts.idle);
    writeHead(passage, status, headers, rest);
    // A head that ends the stream goes out with the end: gRPC's errors are such (Trailers-Only).
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) response.flushHeaders();
  });
  stream.on('trailers', (fields) => {
    trailers = toPairs(filterTrailers(flatten(fields)));
  });
  stream.on('data', (bytes: Buffer) => {
    if (!settled && !response.write(bytes)) stream.pause();
  });
  stream.on('error', (error) => {
    const cause = error.cause instanceof Error ? error.cause : error; // of a session's end
    fail(reasonOf(cause, connection), describeError(cause));
  });
  stream.on('close', () => {
    if (settled) return;
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === undefined) {
      return fail('reset', `the app reset the stream (${stream.rstCode})`);
    }
    if (trailers.length > 0 && passage.acceptsTrailers) response.addTrailers(trailers);
    settle({ kind: 'answered', status });
    response.end();
  });
  if (!bodyless) body = sendBody(passage, stream, () => status !== undefined, settle);
}

function reasonOf(error: Error, { reached }: Http2Connection): FailureReason {
  if (reached) return 'reset';
  const timedOut = error instanceof PodmatesError && error.code === 'ERR_TIMEOUT';
  return timedOut ? 'connect_timeout' : 'connect';
}

function sendBody(
  passage: Passage,
  stream: ClientHttp2Stream,
  answered: () => boolean,
  settle: (outcome: Outcome) => void,
) {
  if (passage.expectsContinue) passage.response.writeContinue();
  // HTTP/2 frames bodies by itself: no chunks are written.
  const plain = { ...passage, body: '' };
  const sink = {
    write: (bytes: Uint8Array | string) => stream.write(bytes),
    complete: () => void stream.end(),
  };
  const body = sendRequestBody(plain, sink, (problem) => {
    if (problem === 'aborted') settle({ kind: 'aborted', status: undefined });
    else settle({ kind: problem, answered: answered() });
  });
  stream.on('drain', () => body.resume());
  return body;
}

/** The fields of a head that `writeRequestHead` made: what may go on is decided in one place. */
function readHead(head: string): OutgoingHttpHeaders {
  const [first = '', ...lines] = head.split('\r\n');
  const [method, path] = first.split(' ');
  const headers: Record<string, string | string[]> = {
    ':method': method ?? '',
    ':path': path ?? '',
  };
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'transfer-encoding') continue;
    const key = name === 'host' ? ':authority' : name;
    const before = headers[key];
    headers[key] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function writeHead(
  { response, answerFields }: Passage,
  status: number,
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  [raw]: readonly unknown[],
): void {
  const fields = Array.isArray(raw) ? raw.map(String) : flatten(headers);
  const own = fields.filter((_, i) => !(fields[i - (i % 2)] ?? '').startsWith(':'));
  response.sendDate = false;
  response.writeHead(status, '', [...filterAnswerFields(own, undefined), ...answerFields]);
}

function flatten(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') ? [] : [value ?? ''].flat().flatMap((one) => [name, String(one)]),
  );
}

function toPairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []));
}
