import { filterTrailers, writeTrailers } from '../fields/trailers.ts';
import type { Connection } from './connection.ts';
import type { Passage } from './exchange.ts';

export interface RequestBody {
  /** Whether the app has been sent all of it. */
  sent(): boolean;
  /** The connection takes more again. */
  resume(): void;
  /** No more of it is wanted. */
  stop(): void;
}

export type BodyProblem = 'aborted' | 'too_large' | 'too_slow';

type BodyPassage = Pick<Passage, 'request' | 'body' | 'maxBody' | 'bodyIdleMs' | 'rules'>;

/**
 * Sends a request's body as it comes, no faster than the app takes it. The length is the one that
 * the parser in front understood; a chunked body is chunked anew, so that the app sees our framing.
 *
 * @param onProblem called at most once; nothing is sent after it
 */
export function sendRequestBody(
  { request, body, maxBody, bodyIdleMs, rules }: BodyPassage,
  connection: Pick<Connection, 'write' | 'complete'>,
  onProblem: (problem: BodyProblem) => void,
): RequestBody {
  const chunked = body === 'chunked';
  let length = 0;
  let sent = false;

  const timer = setTimeout(() => {
    if (request.isPaused())
      timer.refresh(); // it is the app that takes its time
    else {
      stop();
      onProblem('too_slow');
    }
  }, bodyIdleMs);
  const stop = () => {
    clearTimeout(timer);
    request.off('data', onData);
    request.off('end', onEnd);
    request.off('error', onError);
    request.pause();
  };
  const onData = (bytes: Buffer) => {
    timer.refresh();
    length += bytes.length;
    if (length > maxBody) {
      stop();
      return onProblem('too_large');
    }
    if (chunked) connection.write(`${bytes.length.toString(16)}\r\n`);
    const taken = connection.write(bytes);
    if (!(chunked ? connection.write('\r\n') && taken : taken)) request.pause();
  };
  const onEnd = () => {
    if (!request.complete) return onError();
    sent = true;
    clearTimeout(timer);
    if (chunked) {
      const trailers = filterTrailers(request.rawTrailers, (name) => rules(name) === 'pass');
      connection.write(`0\r\n${writeTrailers(trailers)}\r\n`);
    }
    connection.complete();
  };
  const onError = () => {
    stop();
    // Also a chunk that was malformed: the app must not take what came before for the whole.
    onProblem('aborted');
  };
  request.on('data', onData);
  request.on('end', onEnd);
  request.on('error', onError);
  return {
    sent: () => sent,
    resume: () => void request.resume(),
    stop,
  };
}
