import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { http2Settings } from './http2.ts';
import type { Tls } from './tls.ts';

export interface FrontOptions {
  /** Longest head of a request, in bytes. */
  readonly head: number;
  readonly tls: Tls | undefined;
  /** HTTP/2 beside HTTP/1.1, by ALPN; only with TLS. */
  readonly http2: boolean;
}

/**
 * The server that fits the options: strict HTTP/1.1 in all of them, by Node's own parser.
 *
 * @throws PodmatesError ERR_LISTEN when the files of TLS cannot be used
 */
export function createFront({ head, tls, http2 }: FrontOptions): Server {
  const strict = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
    keepAlive: true,
    maxHeaderSize: head,
    requestTimeout: 0, // bodies are bounded by their own idle time: a long upload is no fault
    connectionsCheckingInterval: 1000,
    // Any other offer to upgrade may be passed over (RFC 9110 section 7.8), as curl's of h2c is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === 'websocket',
  };
  const server = openServer(strict, head, tls, http2);
  server.maxHeadersCount = 0; // else Node drops what is above, unseen; they are counted later
  return server;
}

function openServer(
  strict: Parameters<typeof createServer>[0] & object,
  head: number,
  tls: Tls | undefined,
  http2: boolean,
): Server {
  if (tls === undefined) return createServer(strict);
  if (!http2) {
    const server = createTlsServer({ ...strict, ...tls.options() });
    tls.follow(server);
    return server;
  }
  const server = createSecureServer({
    ...strict,
    ...tls.options(),
    ALPNProtocols: ['h2', 'http/1.1'],
    allowHTTP1: true,
    settings: { ...http2Settings, maxHeaderListSize: head },
  });
  tls.follow(server);
  const { shouldUpgradeCallback } = strict;
  // For those who fall back to HTTP/1.1 it is an http.Server too, in all that is used of one here.
  return Object.assign(server as unknown as Server, { shouldUpgradeCallback });
}
