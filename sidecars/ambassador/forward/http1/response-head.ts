import { PodmatesError } from '../../../core/errors.ts';

/** How the end of an answer's body is found (RFC 9112 section 6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** The head of an answer as it came over the wire. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn, in their order and spelling. */
  readonly headers: readonly string[];
  readonly framing: Framing;
  /** The values of `Connection`, lower case; undefined if it was not sent. */
  readonly connection: string | undefined;
  /** Whether the connection may carry another exchange after this one. */
  readonly persistent: boolean;
  /** Seconds after which the server closes the idle connection, if it says so. */
  readonly keepAliveSeconds: number | undefined;
}

/** An answer that is not HTTP/1.1 as RFC 9112 has it; its connection is of no further use. */
export function malformed(what: string): PodmatesError {
  return new PodmatesError('ERR_HTTP', `malformed answer: ${what}`);
}

const statusLine = /^HTTP\/1\.[01] [1-9][0-9][0-9](?: [\t\x20-\x7e\x80-\xff]*)?$/;
// A head with control characters, or with line ends that are not CRLF, is read differently by
// different parsers.
const plainLines = /^(?:[^\0-\x08\n-\x1f\x7f]*\r\n)*$/;
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Parses a head strictly.
 * @param text the head up to and with the CRLF of its last line, in latin1
 * @throws PodmatesError ERR_HTTP when anything about it is unclear
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  if (!plainLines.test(text)) throw malformed('control characters in the head');
  const end = text.indexOf('\r\n');
  const line = text.slice(0, end);
  if (!statusLine.test(line)) throw malformed('no status line');
  const minor = line[7];
  const status = Number(line.slice(9, 12));
  const headers: string[] = [];
  const seen = readFields(text, end + 2, headers);
  // llhttp does not take `chunked` with a tab behind it for chunked: two readings, so neither.
  if (seen.transferEncoding !== undefined && /^transfer-encoding:[^\r]*\t/im.test(text)) {
    throw malformed('a tab in Transfer-Encoding');
  }
  if (status < 200 && status !== 101 && closes(seen.connection)) {
    throw malformed('an informational answer that closes');
  }
  const framing = findFraming(seen, { method, status, minor });
  return {
    status,
    reason: line.slice(13),
    headers,
    framing,
    connection: seen.connection,
    persistent: minor === '1' && framing.kind !== 'close' && !closes(seen.connection),
    keepAliveSeconds: seen.keepAlive === undefined ? undefined : readTimeout(seen.keepAlive),
  };
}

/** The fields that say something about the connection or the body's end. */
interface Seen {
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string | undefined;
  keepAlive: string | undefined;
}

function readFields(text: string, from: number, headers: string[]): Seen {
  const seen: Seen = {
    contentLength: undefined,
    transferEncoding: undefined,
    connection: undefined,
    keepAlive: undefined,
  };
  readFieldLines(text, from, (name, value) => {
    headers.push(name, value);
    note(seen, name, value);
  });
  return seen;
}

/** @throws PodmatesError ERR_HTTP for a name that is no token, a space before the colon, a fold */
export function readFieldLines(
  text: string,
  from: number,
  onField: (name: string, value: string) => void,
): void {
  let start = from;
  while (start < text.length) {
    const end = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon > end) throw malformed('a header line without a colon');
    const name = text.slice(start, colon);
    if (!fieldName.test(name)) throw malformed('a header name that is no token');
    onField(name, trimSpace(text, colon + 1, end));
    start = end + 2;
  }
}

/** Optional white space is SP and HTAB only (RFC 9110 section 5.6.3). */
function trimSpace(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function note(seen: Seen, name: string, value: string): void {
  // Their lengths tell nearly all other names apart without making a lower-case copy of each.
  if (name.length === 10) {
    const lower = name.toLowerCase();
    if (lower === 'connection') {
      const more = value.toLowerCase();
      seen.connection = seen.connection === undefined ? more : `${seen.connection},${more}`;
    } else if (lower === 'keep-alive') seen.keepAlive = value;
  } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
    if (seen.contentLength !== undefined) throw malformed('two Content-Length');
    seen.contentLength = value;
  } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
    if (seen.transferEncoding !== undefined) throw malformed('two Transfer-Encoding');
    seen.transferEncoding = value.toLowerCase();
  }
}

interface Exchange {
  readonly method: string;
  readonly status: number;
  readonly minor: string | undefined;
}

/** RFC 9112 section 6.3, and where it leaves room, the reading that cannot be mistaken. */
function findFraming(
  { contentLength, transferEncoding }: Seen,
  { method, status, minor }: Exchange,
): Framing {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) throw malformed('Content-Length beside Transfer-Encoding');
    if (transferEncoding !== 'chunked') throw malformed('a transfer coding other than chunked');
    if (minor === '0') throw malformed('Transfer-Encoding in HTTP/1.0');
  }
  const length = contentLength === undefined ? undefined : readLength(contentLength);
  if (status < 200 && (length ?? transferEncoding) !== undefined) {
    throw malformed('an informational answer with a body');
  }
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) {
    return { kind: 'none' };
  }
  if (transferEncoding !== undefined) return { kind: 'chunked' };
  if (length === undefined) return { kind: 'close' };
  return length === 0 ? { kind: 'none' } : { kind: 'length', length };
}

function readLength(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw malformed('a Content-Length that is no number');
  return Number(text);
}

function closes(connection: string | undefined): boolean {
  if (connection === undefined || connection === 'keep-alive') return false;
  return connection.split(',').some((option) => option.trim() === 'close');
}

function readTimeout(keepAlive: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?([0-9]{1,6})/i.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
