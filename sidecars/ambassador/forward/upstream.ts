import { readFileSync, statSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { TlsOptions } from '../../core/http/target.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import type { UpstreamConfig } from './config.ts';
import { createHttp2Upstream, type Http2Upstream } from './http2-session.ts';
import { createPool, type Endpoint, type Pool } from './pool.ts';

/** An app that requests are forwarded to. */
export interface Upstream {
  readonly config: UpstreamConfig;
  readonly pool: Pool;
  /** For apps that speak HTTP/2; WebSockets still go through the pool. */
  readonly http2: Http2Upstream | undefined;
  /** The value of `Host` when the caller's is not preserved. */
  readonly authority: string;
  readonly breaker: Breaker | undefined;
}

export function createUpstream(config: UpstreamConfig): Upstream {
  const { protocol, hostname, port, host } = new URL(config.url);
  const secure = protocol === 'https:';
  const endpoint: Endpoint = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? (secure ? 443 : 80) : port),
    socket: config.socket,
    tls: secure ? createTlsReader(config.tls ?? {}, hostname) : undefined,
  };
  const pool = createPool({
    endpoint,
    timeouts: config.timeouts,
    keepAliveMs: config.keepAlive,
    connections: config.connections,
  });
  const breaker = config.breaker === undefined ? undefined : createBreaker(config.breaker);
  const http2 = config.protocol === 'http2' ? createHttp2Upstream(endpoint) : undefined;
  return { config, pool, http2, authority: host, breaker };
}

/** TLS options for the next connection; the files are read again when they have changed. */
function createTlsReader(tls: TlsOptions, hostname: string): () => ConnectionOptions {
  let stamp: string | undefined;
  let options: ConnectionOptions = {};
  return () => {
    const files = [tls.ca, tls.cert, tls.key].filter((file) => file !== undefined);
    const now = files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join();
    if (now === stamp) return options;
    options = {
      ALPNProtocols: ['http/1.1'],
      servername: tls.serverName ?? hostname,
      ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
      ...(tls.cert === undefined ? {} : { cert: readFileSync(tls.cert) }),
      ...(tls.key === undefined ? {} : { key: readFileSync(tls.key) }),
      ...(tls.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
    };
    stamp = now;
    return options;
  };
}
