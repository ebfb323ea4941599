import { once } from 'node:events';
import { Server } from 'node:http';
import { Server as NetServer, Socket } from 'node:net';
import { promisify } from 'node:util';
import { formatAddress } from '../../core/admin/server.ts';
import type { ListenAddress } from '../../core/config/fields.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import { pause } from '../../core/lifecycle.ts';
import { createFront, type FrontOptions } from './front.ts';
import { keepSessions } from './http2-sessions.ts';
import { responseUnderWay } from './raw-answer.ts';
import { listenForVisitors, type Visitors } from './visitors.ts';

export interface ListenerLimits {
  readonly head: number;
  readonly connections: number;
  readonly headTimeout: number;
  readonly idle: number;
  readonly answerIdle: number;
}

export interface Listener {
  start(): Promise<void>;
  /** Puts other limits in force for what comes from now on; the length of heads stays. */
  adjust(limits: ListenerLimits): void;
  /** Tells callers, with each answer from now on, to take another connection. */
  drain(): void;
  /** Takes no new connections, and closes those without a request under way. */
  close(): Promise<void>;
  /** Ends what is left. */
  closeAll(): void;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** `host:port` once started. */
  address(): string;
}

export interface ListenerOptions extends Pick<FrontOptions, 'tls' | 'http2' | 'h2c'> {
  readonly address: ListenAddress;
  readonly limits: ListenerLimits;
}

/** What was accepted last may still have to send its request. */
const graceMs = 200;

/**
 * The front door.
 *
 * @throws PodmatesError ERR_LISTEN when the files of TLS cannot be used
 */
export function createListener(options: ListenerOptions, visitors: Visitors): Listener {
  const { address } = options;
  let { limits } = options;
  const { server, undecided } = createFront({ ...options, head: limits.head });
  const sessions = keepSessions(server, () => limits);
  let draining = false;
  const adjust = (changed: ListenerLimits) => {
    limits = changed;
    server.headersTimeout = changed.headTimeout;
    server.keepAliveTimeout = changed.idle;
    server.timeout = changed.answerIdle;
    server.maxConnections = changed.connections;
  };
  adjust(limits);
  server.on('timeout', dropIdle);
  listenForVisitors(server, visitors, () => draining);
  return {
    start: () => listen(server, address),
    adjust,
    drain() {
      draining = true;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      // Not http.Server's own close: it also cuts connections whose first request is on its way.
      NetServer.prototype.close.call(server);
      sessions.close();
      await Promise.race([closed, pause(graceMs)]);
      for (const socket of undecided) socket.destroy();
      const sweep = setInterval(() => Server.prototype.closeIdleConnections.call(server), 20);
      await closed;
      clearInterval(sweep);
    },
    closeAll() {
      for (const socket of undecided) socket.destroy();
      sessions.destroy();
      Server.prototype.closeAllConnections.call(server);
    },
    connections: () => promisify(server.getConnections.bind(server))(),
    address: () => formatAddress(server.address()),
  };
}

/**
 * Ends a connection on which nothing moved for long: one between requests, or one whose caller does
 * not take its answer. While the app has nothing to say it may be quiet, for as long as that one may.
 */
function dropIdle(socket: unknown): void {
  if (!(socket instanceof Socket)) return; // sessions of HTTP/2 are kept elsewhere
  if (responseUnderWay(socket) === undefined || socket.writableLength > 0) socket.destroy();
}

/**
 * How many connections may wait to be accepted; the kernel allows no more than its own somaxconn,
 * 4,096 on Linux. With the 511 of Node, of thousands of callers who come back at once after a
 * restart many wait for seconds until their kernel asks again.
 */
const backlog = 4096;

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  const once = (at: string | undefined) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, backlog, ...(at === undefined ? {} : { host: at }) }, () => {
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
