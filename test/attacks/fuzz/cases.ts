import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

const methods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'get',
  'TRACE',
] as const;
const versions = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2'] as const;
const suffixes = [
  '',
  '',
  '',
  '/a?b=/secret',
  '/%2e%2e/secret',
  '/..%2fsecret',
  '//secret',
  '/a;b',
  '/%61',
  '#x',
] as const;
const fields = [
  'X: y',
  'X-User: root',
  'x_user: root',
  'X.User: root',
  'Connection: close',
  'Connection: keep-alive, X-User',
  'Connection: Transfer-Encoding',
  'Connection: Content-Length',
  'Connection: Host',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
  'TE: trailers',
  'Expect: 100-continue',
  'Transfer_Encoding: chunked',
  'Content_Length: 5',
  'Content-Length : 5',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding:\tchunked',
  'X: GET /secret/x HTTP/1.1',
  'Trailer: X-User',
  'Host: other',
  'Authorization: Bearer a',
  'Authorization: Bearer b',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntraceparent: x',
  'tracestate: x',
  'X-Forwarded-For: 10.0.0.1',
  'Upgrade-Insecure-Requests: 1',
] as const;
const bodies = [
  'hello',
  'GET /secret/x HTTP/1.1\r\nHost: a\r\n\r\n',
  '0\r\n\r\nGET /secret/y HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\n\r\n',
  'a',
] as const;

/** The number with check digits, so that no mutation makes one case's name into another's. */
function nameCase(number: number): string {
  return `${String(number).padStart(8, '0')}${String(number % 97).padStart(2, '0')}`;
}

/** The numbers of the cases that a text names. */
export function findCases(text: string): readonly number[] {
  return [...text.matchAll(/\/open\/(\d{8})(\d{2})\//g)]
    .filter(([, number, check]) => Number(number) % 97 === Number(check))
    .map(([, number]) => Number(number));
}

/** What one connection sends: a pipeline of requests, most of them odd. */
export function makeCase(number: number, random: Random): string {
  let text = '';
  const count = random.pick([1, 1, 1, 2, 3]);
  for (let i = 0; i < count; i++) text += makeRequest(`/open/${nameCase(number)}/${i}`, random);
  return random.chance(0.3) ? mutate(text, random) : text;
}

/** Most of them are well but for what `mutate` does: only what is let in can go wrong behind. */
function makeRequest(path: string, random: Random): string {
  const odd = random.chance(0.3);
  const target = odd ? path + random.pick(suffixes) : path;
  const first = odd
    ? `${random.pick(methods)} ${target} ${random.pick(versions)}`
    : `${random.pick(['GET', 'POST', 'DELETE'])} ${target} HTTP/1.1`;
  const lines = [first, 'Host: app.example'];
  for (let left = random.below(odd ? 3 : 2); left > 0; left--) lines.push(random.pick(fields));
  const { framing, body } = makeBody(random);
  return `${[...lines, ...framing].join('\r\n')}\r\n\r\n${body}`;
}

function makeBody(random: Random): { framing: readonly string[]; body: string } {
  const body = random.pick(bodies);
  const length = `Content-Length: ${body.length}`;
  const chunked = 'Transfer-Encoding: chunked';
  switch (random.below(12)) {
    case 0:
      return { framing: [length], body };
    case 1:
      return { framing: [chunked], body: chunk(body, random) };
    case 2:
      return { framing: [chunked, length], body: chunk(body, random) };
    case 3:
      return { framing: [`Content-Length: ${random.below(12)}`], body };
    case 4:
      return { framing: [length, length], body };
    case 5:
      return { framing: [chunked, chunked], body: chunk(body, random) };
    default:
      return { framing: [], body: '' };
  }
}

const extensions = ['', '', '', ';a=b', ';a="b\r\n"', ' ;x', '\t', ';\n'] as const;
const trailers = [
  '',
  '',
  'X-Sum: 1\r\n',
  'X-User: root\r\n',
  'Content-Length: 5\r\n',
  'Host: b\r\n',
] as const;

function chunk(body: string, random: Random): string {
  const size = body.length.toString(16);
  const written = random.pick([size, size, size, `0${size}`, `0x${size}`, size.toUpperCase()]);
  return `${written}${random.pick(extensions)}\r\n${body}\r\n0\r\n${random.pick(trailers)}\r\n`;
}
