import type { Duplex } from 'node:stream';

/** The status for what Node's parser could not take; undefined when nobody is there to be told. */
export function statusOfParseError(error: Error): number | undefined {
  const code = 'code' in error ? String(error.code) : '';
  // Without TLS, which came to nothing or broke, there is nobody who could read an answer.
  if (/^(ECONNRESET|EPIPE|ERR_(SSL|TLS)_\w+)$/.test(code)) return undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Node tells this nowhere but in a field of its own, which its own error handler uses too. */
export function responseUnderWay(socket: Duplex): object | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return typeof response === 'object' && response !== null ? response : undefined;
}

/** Answers where there is no response to write to, and closes. */
export function answerRaw(socket: Duplex, status: number | undefined): void {
  // An answer that has begun must not be mixed with another one.
  const under = responseUnderWay(socket);
  const begun = under !== undefined && Reflect.get(under, '_headerSent');
  if (status === undefined || !socket.writable || begun === true) {
    setImmediate(() => socket.destroy()); // what was written just now goes out first
    return;
  }
  const head = `HTTP/1.1 ${status} ${reasons[status] ?? 'Refused'}\r\n`;
  socket.end(`${head}Content-Length: 0\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}
