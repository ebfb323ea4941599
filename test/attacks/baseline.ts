import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import httpProxy from 'http-proxy';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { SigningKey } from '../ambassador/authenticate/issuer.ts';
import { jwks } from '../ambassador/authenticate/issuer.ts';
import type { Contestant } from './stage.ts';

/**
 * The npm package http-proxy behind a gate of the kind that its users write: a prefix of the path is
 * public, the rest wants a bearer token, the caller's identity header is replaced.
 */
export const httpProxyWithGate: (key: SigningKey) => Contestant =
  (key) =>
  async ({ app }) => {
    const proxy = httpProxy.createProxyServer({
      target: `http://127.0.0.1:${app.port}`,
      xfwd: true,
    });
    const keys = createLocalJWKSet(jwks(key) as Parameters<typeof createLocalJWKSet>[0]);
    proxy.on('error', (_error, _request, response) => {
      if ('writeHead' in response && !response.headersSent) response.writeHead(502).end();
      else response.destroy();
    });
    const server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://app.example');
      delete request.headers['x-user'];
      if (!pathname.startsWith('/public/')) {
        const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
        const proved = await jwtVerify(token, keys).catch(() => undefined);
        if (proved === undefined) return void response.writeHead(401).end();
        request.headers['x-user'] = proved.payload.sub ?? '';
      }
      proxy.web(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      async close() {
        proxy.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
