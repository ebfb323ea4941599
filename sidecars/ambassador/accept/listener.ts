import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { formatAddress } from '../../core/admin/server.ts';
import type { ListenAddress } from '../../core/config/fields.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { Tls } from './tls.ts';

/** What comes in. */
export interface Visitors {
  request(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
  /** A request to go on in another protocol, with what was sent behind its head. */
  upgrade(request: IncomingMessage, socket: Duplex, rest: Buffer): void;
  /** Bytes that are no request; answered and closed already. */
  malformed(status: number): void;
}

export interface ListenerLimits {
  readonly head: number;
  readonly connections: number;
  readonly headTimeout: number;
  readonly idle: number;
}

export interface Listener {
  start(): Promise<void>;
  /** Puts other limits in force for what comes from now on; the length of heads stays. */
  adjust(limits: ListenerLimits): void;
  /** Takes no new connections, and closes those without a request under way. */
  close(): Promise<void>;
  /** Ends what is left. */
  closeAll(): void;
  /** `host:port` once started. */
  address(): string;
}

/**
 * The front door: strict HTTP/1.1 by Node's own parser, behind TLS where that is configured.
 *
 * @throws PodmatesError ERR_LISTEN when the files of TLS cannot be used
 */
export function createListener(
  address: ListenAddress,
  limits: ListenerLimits,
  visitors: Visitors,
  tls?: Tls,
): Listener {
  const options = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
    keepAlive: true,
    maxHeaderSize: limits.head,
    requestTimeout: 0, // bodies are bounded by their own idle time: a long upload is no fault
    connectionsCheckingInterval: 1000,
    // Any other offer to upgrade may be passed over (RFC 9110 section 7.8), as curl's of h2c is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === 'websocket',
  };
  const server = openServer(options, tls);
  const adjust = ({ headTimeout, idle, connections }: ListenerLimits) => {
    server.headersTimeout = headTimeout;
    server.keepAliveTimeout = idle;
    server.maxConnections = connections;
  };
  adjust(limits);
  server.maxHeadersCount = 0; // else Node drops what is above, unseen; they are counted later
  server.on('request', (request, response) => visitors.request(request, response, false));
  server.on('checkContinue', (request, response) => visitors.request(request, response, true));
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, ['Content-Length', '0', 'Connection', 'close']);
    response.end();
    visitors.malformed(417);
  });
  server.on('upgrade', (request, socket, rest) => {
    if (responseUnderWay(socket) === undefined) return visitors.upgrade(request, socket, rest);
    socket.destroy(); // sent without waiting for the answer before it: nobody could tell them apart
    visitors.malformed(400);
  });
  server.on('connect', (_request, socket) => {
    answerRaw(socket, 405);
    visitors.malformed(405);
  });
  server.on('clientError', (error, socket) => {
    const status = statusOfParseError(error);
    answerRaw(socket, status);
    if (status !== undefined) visitors.malformed(status);
  });
  return {
    start: () => listen(server, address),
    adjust,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
    closeAll: () => server.closeAllConnections(),
    address: () => formatAddress(server.address()),
  };
}

function openServer(options: ServerOptions, tls: Tls | undefined): Server {
  if (tls === undefined) return createServer(options);
  const server = createSecureServer({ ...options, ...tls.options() });
  tls.follow(server);
  return server;
}

function statusOfParseError(error: Error): number | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
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
function responseUnderWay(socket: Duplex): object | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return typeof response === 'object' && response !== null ? response : undefined;
}

/** Answers where there is no response to write to, and closes. */
function answerRaw(socket: Duplex, status: number | undefined): void {
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

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  const once = (at: string | undefined) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(at === undefined ? {} : { host: at }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await once(host);
  } catch (error) {
    const place = `${host ?? ''}:${port}`;
    const reason = `ambassador: cannot listen on ${place}: ${describeError(error)}`;
    throw new PodmatesError('ERR_LISTEN', reason, { cause: error });
  }
}
