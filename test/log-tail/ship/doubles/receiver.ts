import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

export interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Uncompressed. */
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `hang` never answers, `reset` hangs up. */
export type Reaction = Answer | 'hang' | 'reset';

export interface Receiver {
  readonly url: string;
  readonly requests: readonly Received[];
  /** What the next requests are answered, before the double looks into them. */
  fail(next: (request: IncomingMessage) => Reaction | undefined): void;
}

/** An HTTP server on a free port that ends with the test. */
export async function createReceiver(
  t: TestContext,
  answer: (request: Received) => Answer,
): Promise<Receiver> {
  const requests: Received[] = [];
  let failing: (request: IncomingMessage) => Reaction | undefined = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reaction = failing(request);
      if (reaction === 'hang') return;
      if (reaction === 'reset') return void request.socket.destroy();
      const bytes = Buffer.concat(chunks);
      const isGzip = request.headers['content-encoding'] === 'gzip';
      const received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: (isGzip ? gunzipSync(bytes) : bytes).toString('utf8'),
      };
      if (reaction === undefined) requests.push(received);
      const { status, headers = {}, body = '' } = reaction ?? answer(received);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fail(next) {
      failing = next;
    },
  };
}

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Fails a share of the requests in every way that a server can. */
export function failAtRandom(seed: number, share: number): () => Reaction | undefined {
  const random = createRandom(seed);
  return () => {
    if (random() >= share) return undefined;
    const ways: readonly Reaction[] = [
      { status: 500 },
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 429 },
      'reset',
    ];
    return ways[Math.floor(random() * ways.length)];
  };
}
