import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface ServiceRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Service {
  readonly url: string;
  readonly requests: readonly ServiceRequest[];
  /** Replaces what answers from now on. */
  respond(handler: Responder): void;
  /** Stops listening and cuts every connection, as a crash does; `up` brings it back. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export type Responder = (request: ServiceRequest, response: ServerResponse) => void;

/** A real HTTP server that keeps what it was asked, on a port of its own. */
export async function service(test: TestContext, handler: Responder): Promise<Service> {
  const requests: ServiceRequest[] = [];
  let answer = handler;
  let port = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      answer(seen, response);
    });
  });
  const up = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  const down = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await up();
  test.after(down);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    respond: (next) => {
      answer = next;
    },
    down,
    up,
  };
}

export function json(body: unknown, status = 200): Responder {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

/** Never answers; the connection stays open. */
export const silence: Responder = () => {};
