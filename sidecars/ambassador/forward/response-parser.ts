import { type ChunkedDecoder, createChunkedDecoder } from './chunked-decoder.ts';
import { malformed, parseResponseHead, type ResponseHead } from './response-head.ts';

/** What comes out of one answer, in this order. */
export interface ResponseEvents {
  /** A 1xx other than 101; there may be several. */
  informational(head: ResponseHead): void;
  head(head: ResponseHead): void;
  /**
   * A piece of the body in the parser's own memory: copy what must outlive the call.
   * @param last nothing comes after it, `end` follows at once
   */
  body(bytes: Buffer, last: boolean): void;
  end(trailers: readonly string[]): void;
  /** The answer was 101: from here on the connection speaks another protocol. */
  upgraded(head: ResponseHead, rest: Buffer): void;
}

export interface ResponseParser {
  /** Expects the answer to a request that is about to be sent. */
  begin(events: ResponseEvents, request: { method: string; upgrade: boolean }): void;
  /**
   * @returns how many bytes were left over behind the end of the answer
   * @throws PodmatesError ERR_HTTP
   */
  feed(bytes: Buffer): number;
  /**
   * The connection ended.
   * @returns whether the answer is complete: its body was to be read until the close
   */
  finish(): boolean;
}

const maxHeadLength = 65_536;
const maxInformational = 32;
const none: readonly string[] = [];

/**
 * A strict parser of HTTP/1.1 answers. Where two readings of an answer are possible it takes
 * neither: the app, or somebody who can write into its answers, must not be able to smuggle one.
 */
export function createResponseParser(): ResponseParser {
  let events: ResponseEvents | undefined;
  let request = { method: 'GET', upgrade: false };
  let text = '';
  let body: ResponseHead['framing'] | undefined;
  let remaining = 0;
  let chunked: ChunkedDecoder | undefined;
  let informational = 0;

  const complete = (listener: ResponseEvents, trailers: readonly string[]) => {
    events = undefined;
    body = undefined;
    chunked = undefined;
    listener.end(trailers);
  };
  const beginBody = (listener: ResponseEvents, { framing }: ResponseHead) => {
    body = framing;
    if (framing.kind === 'none') complete(listener, none);
    else if (framing.kind === 'length') remaining = framing.length;
    else if (framing.kind === 'chunked') {
      chunked = createChunkedDecoder({
        data: (bytes) => listener.body(bytes, false),
        end: (trailers) => complete(listener, trailers),
      });
    }
  };
  /** @returns where the body begins, or -1 when the head has not ended */
  const takeHead = (listener: ResponseEvents, bytes: Buffer, start: number): number => {
    const before = text.length;
    text += bytes.toString('latin1', start, Math.min(bytes.length, start + maxHeadLength + 4));
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0 || end > maxHeadLength) {
      if (text.length > maxHeadLength) throw malformed('the head is too long');
      return -1;
    }
    const head = parseResponseHead(text.slice(0, end + 2), request.method);
    text = '';
    const next = start + end + 4 - before;
    if (head.status >= 200) {
      listener.head(head);
      beginBody(listener, head);
    } else if (head.status === 101) {
      if (!request.upgrade) throw malformed('101 to a request that asked for no upgrade');
      events = undefined;
      listener.upgraded(head, bytes.subarray(next));
      return bytes.length;
    } else {
      if (++informational > maxInformational) throw malformed('too many informational answers');
      listener.informational(head);
    }
    return next;
  };
  const takeBody = (listener: ResponseEvents, bytes: Buffer, start: number): number => {
    if (chunked !== undefined) {
      const end = chunked.feed(bytes, start);
      return end < 0 ? bytes.length : end;
    }
    if (body?.kind === 'close') {
      listener.body(start === 0 ? bytes : bytes.subarray(start), false);
      return bytes.length;
    }
    const end = Math.min(bytes.length, start + remaining);
    remaining -= end - start;
    listener.body(bytes.subarray(start, end), remaining === 0);
    if (remaining === 0 && events === listener) complete(listener, none);
    return end;
  };
  return {
    begin(listener, to) {
      events = listener;
      request = to;
      informational = 0;
      text = '';
      body = undefined;
      chunked = undefined;
    },
    feed(bytes) {
      let at = 0;
      while (at < bytes.length && events !== undefined) {
        const listener: ResponseEvents = events;
        const next =
          body === undefined ? takeHead(listener, bytes, at) : takeBody(listener, bytes, at);
        if (next < 0) return 0;
        at = next;
        if (events !== listener) break;
      }
      return bytes.length - at;
    },
    finish() {
      if (events === undefined || body?.kind !== 'close') return false;
      complete(events, none);
      return true;
    },
  };
}
