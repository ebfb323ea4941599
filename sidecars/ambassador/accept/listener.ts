import { once } from 'node:events';
import { Server } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Server as NetServer } from 'node:net';
import { promisify } from 'node:util';
import { formatAddress } from '../../core/admin/server.ts';
import type { ListenAddress } from '../../core/config/fields.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import { pause } from '../../core/lifecycle.ts';
import { createFront, type FrontOptions } from './front.ts';
import { listenForVisitors, type Visitors } from './visitors.ts';

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
  const { address, limits } = options;
  const { server, undecided } = createFront({ ...options, head: limits.head });
  const sessions = new Set<ServerHttp2Session>();
  let draining = false;
  let idleMs = limits.idle;
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(idleMs, () => session.close()); // after the streams that are under way
  });
  const adjust = ({ headTimeout, idle, connections }: ListenerLimits) => {
    idleMs = idle;
    server.headersTimeout = headTimeout;
    server.keepAliveTimeout = idle;
    server.maxConnections = connections;
  };
  adjust(limits);
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
      for (const session of sessions) session.close();
      await Promise.race([closed, pause(graceMs)]);
      for (const socket of undecided) socket.destroy();
      const sweep = setInterval(() => Server.prototype.closeIdleConnections.call(server), 20);
      await closed;
      clearInterval(sweep);
    },
    closeAll() {
      for (const socket of undecided) socket.destroy();
      for (const session of sessions) session.destroy();
      Server.prototype.closeAllConnections.call(server);
    },
    connections: () => promisify(server.getConnections.bind(server))(),
    address: () => formatAddress(server.address()),
  };
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
