import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { http2Settings } from './http2.ts';
import { speakHttp2 } from './prior-knowledge.ts';
import type { Tls } from './tls.ts';

export interface FrontOptions {
  /** Longest head of a request, in bytes. */
  readonly head: number;
  readonly tls: Tls | undefined;
  /** HTTP/2 beside HTTP/1.1, by ALPN; only with TLS. */
  readonly http2: boolean;
  /** HTTP/2 beside HTTP/1.1, by prior knowledge; only without TLS. */
  readonly h2c: boolean;
}

export interface Front {
  readonly server: Server;
  /** Connections that have not said yet what they speak; the server does not know of them. */
  readonly undecided: ReadonlySet<Socket>;
}

/**
 * The server that fits the options: strict HTTP/1.1 in all of them, by Node's own parser.
 *
 * @throws PodmatesError ERR_LISTEN when the files of TLS cannot be used
 */
export function createFront({ head, tls, http2, h2c }: FrontOptions): Front {
  const strict = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
    keepAlive: true,
    maxHeaderSize: head,
    requestTimeout: 0, // bodies are bounded by their own idle time: a long upload is no fault
    connectionsCheckingInterval: 1000,
    optimizeEmptyRequests: true, // most have no body, and need no stream that ends
    // Any other offer to upgrade may be passed over (RFC 9110 section 7.8), as curl's of h2c is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === 'websocket',
  };
  const server = openServer(strict, head, tls, http2);
  server.maxHeadersCount = 0; // else Node drops what is above, unseen; they are counted later
  const spoken = { settings: { ...http2Settings, maxHeaderListSize: head } };
  const undecided = h2c && tls === undefined ? speakHttp2(server, spoken) : new Set<Socket>();
  return { server, undecided };
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
