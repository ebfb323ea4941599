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

/** Where in an answer the parser is. */
interface State {
  events: ResponseEvents | undefined;
  request: { readonly method: string; readonly upgrade: boolean };
  /** The beginning of a head whose end has not come. */
  text: string;
  framing: ResponseHead['framing'] | undefined;
  remaining: number;
  chunked: ChunkedDecoder | undefined;
  informational: number;
}

/**
 * A strict parser of HTTP/1.1 answers. Where two readings of an answer are possible it takes
 * neither: the app, or somebody who can write into its answers, must not be able to smuggle one.
 */
export function createResponseParser(): ResponseParser {
  let state = initialState(undefined, { method: 'GET', upgrade: false });
  return {
    begin(events, request) {
      state = initialState(events, request);
    },
    feed(bytes) {
      const { events } = state;
      let at = 0;
      while (events !== undefined && at < bytes.length && state.events === events) {
        const next =
          state.framing === undefined
            ? takeHead(state, events, bytes, at)
            : takeBody(state, events, bytes, at);
        if (next < 0) return 0;
        at = next;
      }
      return bytes.length - at;
    },
    finish() {
      if (state.events === undefined || state.framing?.kind !== 'close') return false;
      complete(state, state.events, none);
      return true;
    },
  };
}

function initialState(events: ResponseEvents | undefined, request: State['request']): State {
  return {
    events,
    request,
    text: '',
    framing: undefined,
    remaining: 0,
    chunked: undefined,
    informational: 0,
  };
}

/** @returns where the body begins, or -1 when the head has not ended */
function takeHead(state: State, events: ResponseEvents, bytes: Buffer, start: number): number {
  const before = state.text.length;
  // Only as much is made text as the head can be long: what follows is the body.
  const whole = before === 0 ? bytes.indexOf(headEnd, start) : -1;
  const until = whole < 0 ? Math.min(bytes.length, start + maxHeadLength + 4) : whole + 4;
  state.text += bytes.toString('latin1', start, until);
  const end = state.text.indexOf('\r\n\r\n', Math.max(0, before - 3));
  if (end < 0 || end > maxHeadLength) {
    if (state.text.length > maxHeadLength) throw malformed('the head is too long');
    return -1;
  }
  const head = parseResponseHead(state.text.slice(0, end + 2), state.request.method);
  state.text = '';
  const next = start + end + 4 - before;
  return beginAnswer(state, events, head, bytes, next);
}

const headEnd = Buffer.from('\r\n\r\n');

function beginAnswer(
  state: State,
  events: ResponseEvents,
  head: ResponseHead,
  bytes: Buffer,
  next: number,
): number {
  if (head.status >= 200) {
    events.head(head);
    beginBody(state, events, head);
    return next;
  }
  if (head.status === 101) {
    if (!state.request.upgrade) throw malformed('101 to a request that asked for no upgrade');
    state.events = undefined;
    events.upgraded(head, bytes.subarray(next));
    return bytes.length;
  }
  if (++state.informational > maxInformational) throw malformed('too many informational answers');
  events.informational(head);
  return next;
}

function beginBody(state: State, events: ResponseEvents, { framing }: ResponseHead): void {
  state.framing = framing;
  if (framing.kind === 'none') complete(state, events, none);
  else if (framing.kind === 'length') state.remaining = framing.length;
  else if (framing.kind === 'chunked') {
    state.chunked = createChunkedDecoder({
      data: (bytes) => events.body(bytes, false),
      end: (trailers) => complete(state, events, trailers),
    });
  }
}

/** @returns where in the bytes the body ended, or their length */
function takeBody(state: State, events: ResponseEvents, bytes: Buffer, start: number): number {
  if (state.chunked !== undefined) {
    const end = state.chunked.feed(bytes, start);
    return end < 0 ? bytes.length : end;
  }
  if (state.framing?.kind === 'close') {
    events.body(bytes.subarray(start), false);
    return bytes.length;
  }
  const end = Math.min(bytes.length, start + state.remaining);
  state.remaining -= end - start;
  const last = state.remaining === 0;
  events.body(bytes.subarray(start, end), last);
  if (last) complete(state, events, none);
  return end;
}

function complete(state: State, events: ResponseEvents, trailers: readonly string[]): void {
  state.events = undefined;
  events.end(trailers);
}
