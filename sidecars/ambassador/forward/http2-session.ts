import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from './pool.ts';

/** The connection to an app that speaks HTTP/2, as gRPC servers do; opened when it is needed. */
export interface Http2Upstream {
  session(): ClientHttp2Session;
  close(): void;
}

const pingMs = 30_000;

export function createHttp2Upstream({ host, port, socket, tls }: Endpoint): Http2Upstream {
  let current: ClientHttp2Session | undefined;
  const open = () => {
    const place = socket === undefined ? { host, port } : { path: socket };
    const scheme = tls === undefined ? 'http' : 'https';
    const session = connect(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      createConnection: () =>
        tls === undefined
          ? connectTcp({ ...place, noDelay: true })
          : connectTls({ ...place, ...tls(), ALPNProtocols: ['h2'] }),
      settings: { enablePush: false },
    });
    const forget = () => {
      if (current === session) current = undefined;
    };
    session.on('error', forget); // told to each stream by its own error
    session.on('goaway', forget);
    session.on('close', forget);
    // A peer that is gone without a word is found out, but only while there is something to lose.
    const ping = setInterval(() => void (session.destroyed || session.ping(() => {})), pingMs);
    session.once('close', () => clearInterval(ping.unref()));
    return session;
  };
  return {
    session() {
      if (current === undefined || current.closed || current.destroyed) current = open();
      return current;
    },
    close: () => current?.close(),
  };
}
