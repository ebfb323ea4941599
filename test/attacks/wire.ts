import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Heard {
  readonly answers: readonly WireAnswer[];
  /** The other side closed the connection. */
  readonly closed: boolean;
  readonly raw: string;
}

export interface AskOptions {
  /** Resolves after so many final answers, or when the connection closes. */
  readonly answers?: number;
  readonly timeoutMs?: number;
}

/** Sends bytes exactly as they are, piece by piece, and hears what comes back. */
export async function ask(
  port: number,
  bytes: string | Buffer | readonly (string | Buffer)[],
  { answers = 1, timeoutMs = 5000 }: AskOptions = {},
): Promise<Heard> {
  const socket = connect(port, '127.0.0.1');
  const pieces = Array.isArray(bytes) ? bytes : [bytes];
  for (const piece of pieces) {
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  }
  try {
    return await hear(socket, answers, timeoutMs);
  } finally {
    socket.destroy();
  }
}

/** Listens until there are so many answers, or the end. */
export function hear(socket: Socket, count: number, timeoutMs = 5000): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let raw = '';
    const timer = setTimeout(() => {
      reject(new Error(`no end of the answer in ${timeoutMs} ms; so far ${JSON.stringify(raw)}`));
    }, timeoutMs);
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.off('data', onData);
      resolve({ answers: readAnswers(raw), closed, raw });
    };
    const onData = (bytes: Buffer) => {
      raw += bytes.toString('latin1');
      if (readAnswers(raw).length >= count) finish(false);
    };
    socket.on('data', onData);
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
  });
}

/** The whole answers at the beginning of the text; 1xx but 101 are not counted. */
export function readAnswers(text: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end < 0) return answers;
    const head = text.slice(at, end + 2);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) return answers;
    at = end + 4;
    if (status < 200 && status !== 101) continue;
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    let body = '';
    if (length !== undefined) {
      if (text.length < at + Number(length)) return answers;
      body = text.slice(at, at + Number(length));
      at += Number(length);
    } else if (/^transfer-encoding: *chunked/im.test(head)) {
      const close = text.indexOf('0\r\n\r\n', at);
      if (close < 0) return answers;
      body = text.slice(at, close);
      at = close + 5;
    }
    answers.push({ status, head, body });
  }
}

/** A request from its lines; `body` follows the head as it is. */
export function request(line: string, headers: readonly string[] = [], body = ''): string {
  return `${[line, 'Host: app.example', ...headers].join('\r\n')}\r\n\r\n${body}`;
}
