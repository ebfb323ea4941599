import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PodmatesError } from '../../../core/errors.ts';
import type { Timeouts } from '../http1/connection-state.ts';
import type { Endpoint } from '../http1/pool.ts';

/** A connection to an app that speaks HTTP/2, as gRPC servers do. */
export interface Http2Connection {
  readonly session: ClientHttp2Session;
  /** The app was reached and, behind TLS, has proved who it is. */
  readonly reached: boolean;
  /** Gives the connection up unless the app answers a PING within the timeout of connecting. */
  probe(): void;
}

/** The one connection to an app, opened when it is needed. */
export interface Http2Upstream {
  connection(): Http2Connection;
  close(): void;
}

/** A peer that is gone without a word is found out, for others would wait for it in vain. */
const probeMs = 30_000;

export function createHttp2Upstream(endpoint: Endpoint, { connect: patience }: Timeouts) {
  let current: Http2Connection | undefined;
  const open = (): Http2Connection => {
    const session = openSession(endpoint);
    let reached = false;
    const giveUp = (why: string) => {
      const reason = `the app did not ${why} in ${patience} ms`;
      session.destroy(new PodmatesError('ERR_TIMEOUT', reason));
    };
    const slow = setTimeout(() => giveUp('take the connection'), patience).unref();
    const probe = () => {
      if (!reached || session.destroyed) return;
      const silent = setTimeout(() => giveUp('answer a PING'), patience).unref();
      session.ping(() => clearTimeout(silent));
    };
    const regularly = setInterval(probe, probeMs).unref();
    const connection: Http2Connection = {
      session,
      get reached() {
        return reached;
      },
      probe,
    };
    const forget = () => {
      if (current === connection) current = undefined;
    };
    session.once('connect', () => {
      reached = true;
      clearTimeout(slow);
    });
    session.on('error', forget); // told to each stream by its own error
    session.on('goaway', forget);
    session.once('close', () => {
      forget();
      clearTimeout(slow);
      clearInterval(regularly);
    });
    return connection;
  };
  return {
    connection() {
      if (current === undefined || current.session.closed || current.session.destroyed) {
        current = open();
      }
      return current;
    },
    close: () => current?.session.close(),
  } satisfies Http2Upstream;
}

function openSession({ host, port, socket, tls }: Endpoint): ClientHttp2Session {
  const place = socket === undefined ? { host, port } : { path: socket };
  const scheme = tls === undefined ? 'http' : 'https';
  return connect(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, {
    createConnection: () =>
      tls === undefined
        ? connectTcp({ ...place, noDelay: true })
        : connectTls({ ...place, ...tls(), ALPNProtocols: ['h2'] }),
    settings: { enablePush: false },
  });
}
