import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdapterConfig, adapterSchema, createAdapter } from '../../sidecars/adapter/index.ts';
import type { Container } from '../../sidecars/core/container.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';

export interface RunningAdapter {
  readonly url: string;
  readonly container: Container<AdapterConfig>;
}

/** An adapter that runs by the config, on a free port. */
export async function startAdapter(
  config: Readonly<Record<string, unknown>>,
): Promise<RunningAdapter> {
  const parsed = adapterSchema.parse({ admin: { listen: '127.0.0.1:0' }, ...config });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const container = createAdapter(parsed, { logger, metrics: createMetrics('adapter') });
  await container.start();
  return { url: `http://${container.addresses()['admin']}`, container };
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  close(): Promise<void>;
}

/** An HTTP server that remembers what it was sent. */
export async function startServer(
  answer: (request: Received) => { readonly status?: number; readonly body: string },
): Promise<TestServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers, body };
    received.push(one);
    const { status = 200, body: text } = answer(one);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
