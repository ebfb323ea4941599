/** A request that nobody can read in two ways. */
export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  /** Names in lower case and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export type StrictResult =
  | { readonly kind: 'request'; readonly request: StrictRequest; readonly end: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly reason: string };

type Failed = Exclude<StrictResult, { kind: 'request' }>;

const incomplete: Failed = { kind: 'incomplete' };
const requestLine = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/**
 * Reads one request from latin1 text, by RFC 9112 and nothing beside it. Written for these tests
 * alone, so that the parsers of the ambassador are not their own judges.
 */
export function parseStrictly(text: string, start: number): StrictResult {
  const end = text.indexOf('\r\n\r\n', start);
  if (end < 0) return incomplete;
  const [first = '', ...lines] = text.slice(start, end).split('\r\n');
  const line = requestLine.exec(first);
  if (line === null) return invalid(`request line ${JSON.stringify(first)}`);
  const headers: [string, string][] = [];
  for (const one of lines) {
    const match = field.exec(one);
    if (match === null) return invalid(`header line ${JSON.stringify(one)}`);
    headers.push([(match[1] ?? '').toLowerCase(), match[2] ?? '']);
  }
  const values = (name: string) =>
    headers.filter(([key]) => key === name).map(([, value]) => value);
  if (values('host').length !== 1) return invalid('not one Host');
  const [coding, ...codings] = values('transfer-encoding');
  const [length, ...lengths] = values('content-length');
  if (codings.length + lengths.length > 0) return invalid('a framing field twice');
  const [, method = '', target = ''] = line;
  const body =
    coding === undefined
      ? readLength(text, end + 4, length)
      : length === undefined && coding === 'chunked'
        ? readChunks(text, end + 4)
        : invalid('two framings');
  if (body.kind !== 'body') return body;
  return { kind: 'request', request: { method, target, headers, body: body.body }, end: body.end };
}

type Body = { readonly kind: 'body'; readonly body: string; readonly end: number };

function readLength(text: string, at: number, length: string | undefined): Body | Failed {
  if (length === undefined) return { kind: 'body', body: '', end: at };
  if (!/^\d{1,9}$/.test(length)) return invalid('Content-Length');
  const end = at + Number(length);
  return text.length < end ? incomplete : { kind: 'body', body: text.slice(at, end), end };
}

function readChunks(text: string, start: number): Body | Failed {
  let at = start;
  let body = '';
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return incomplete;
    const size = /^([0-9a-f]{1,8})$/i.exec(text.slice(at, line))?.[1];
    if (size === undefined) return invalid('a chunk size');
    const length = Number.parseInt(size, 16);
    at = line + 2;
    if (length === 0) break;
    if (text.length < at + length + 2) return incomplete;
    body += text.slice(at, at + length);
    at += length;
    if (text.slice(at, at + 2) !== '\r\n') return invalid('no line end behind a chunk');
    at += 2;
  }
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return incomplete;
    const trailer = text.slice(at, line);
    at = line + 2;
    if (trailer === '') return { kind: 'body', body, end: at };
    if (!field.test(trailer)) return invalid(`trailer ${JSON.stringify(trailer)}`);
  }
}

function invalid(reason: string): Failed {
  return { kind: 'invalid', reason };
}
