import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { type Connection, createConnection } from './connection.ts';
import type { Timeouts } from './connection-state.ts';
import { type Copier, createCopier } from './copier.ts';
import { createWaiters } from './waiters.ts';

/** Where the app listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** A Unix socket in place of host and port. */
  readonly socket: string | undefined;
  /** TLS towards the app, as it should be for the next connection; undefined for none. */
  readonly tls: (() => TlsConnectOptions) | undefined;
}

export interface PoolOptions {
  readonly endpoint: Endpoint;
  readonly timeouts: Timeouts;
  readonly keepAliveMs: number;
  /** At most this many connections at once. */
  readonly connections: number;
}

/** Kept-alive connections to one app. */
export interface Pool {
  /**
   * A connection at once: the one used last, for it is the least likely to be about to close, or
   * a new one. Undefined when all are at work.
   */
  take(fresh: boolean): Connection | undefined;
  /** A new connection whose socket can be given away after a 101. */
  takeForUpgrade(): Connection | undefined;
  /** Calls back with a connection as soon as there is one; gives up with undefined after connect's timeout. */
  wait(callback: (connection: Connection | undefined) => void): { cancel(): void };
  /** Closes what is idle; the rest closes when its exchange is over. */
  close(): void;
  /** Passes on what its connections read. */
  readonly copier: Copier;
  readonly size: number;
  readonly waiting: number;
}

const readBufferSize = 65_536;

export function createPool(options: PoolOptions): Pool {
  const { timeouts } = options;
  const all = new Set<Connection>();
  const idle: Connection[] = [];
  const waiters = createWaiters(timeouts.connect);
  const readBuffer = Buffer.allocUnsafeSlow(readBufferSize);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const sweep = () => {
    const now = performance.now();
    for (const connection of all) {
      if (connection.idleUntil === 0) connection.check(now);
      else if (connection.idleUntil < now) connection.destroy();
    }
    waiters.expire(now);
    if (all.size > 0 || waiters.size > 0) return;
    clearInterval(timer); // nothing to watch: an idle container does nothing
    timer = undefined;
  };
  const open = (buffer?: Buffer): Connection => {
    const connection = createConnection({
      open: (onBytes) => openSocket(options.endpoint, buffer, onBytes),
      timeouts,
      keepAliveMs: options.keepAliveMs,
      released(free) {
        if (closed) free.destroy();
        else if (!waiters.serve(() => free)) idle.push(free);
      },
      closed(gone) {
        all.delete(gone);
        const at = idle.lastIndexOf(gone);
        if (at >= 0) idle.splice(at, 1);
        if (all.size < options.connections) waiters.serve(() => open(readBuffer));
      },
    });
    all.add(connection);
    timer ??= setInterval(sweep, sweepInterval(timeouts)).unref();
    return connection;
  };
  return {
    take(fresh) {
      const now = performance.now();
      for (let free = fresh ? undefined : idle.pop(); free !== undefined; free = idle.pop()) {
        if (free.idleUntil > now) return free;
        free.destroy();
      }
      return all.size < options.connections ? open(readBuffer) : undefined;
    },
    takeForUpgrade: () => (all.size < options.connections ? open() : undefined),
    wait: (callback) => waiters.add(callback),
    close() {
      closed = true;
      for (const connection of idle.splice(0)) connection.destroy();
    },
    copier: createCopier(),
    get size() {
      return all.size;
    },
    get waiting() {
      return waiters.size;
    },
  };
}

/** Deadlines are looked at together: a timer for each request would cost more than the rest of it. */
function sweepInterval({ connect, firstByte, idle, whole }: Timeouts): number {
  const shortest = Math.min(connect, firstByte, idle, whole ?? Number.POSITIVE_INFINITY);
  return Math.min(250, Math.max(10, shortest / 4));
}

/** @param readBuffer one for all connections: nothing is read while bytes of another are looked at */
function openSocket(
  { host, port, socket: path, tls }: Endpoint,
  readBuffer: Buffer | undefined,
  onBytes: (bytes: Buffer) => boolean,
): Socket {
  const place = path === undefined ? { host, port } : { path };
  if (tls === undefined && readBuffer !== undefined) {
    const callback = (length: number) => onBytes(readBuffer.subarray(0, length));
    return connectTcp({ ...place, noDelay: true, onread: { buffer: readBuffer, callback } });
  }
  const socket = tls === undefined ? connectTcp(place) : connectTls({ ...place, ...tls() });
  socket.setNoDelay(true);
  return socket.on('data', onBytes);
}
