import type { Logger } from '../../core/logger.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import type { UpstreamConfig } from './config.ts';
import { createPool, type Endpoint, type Pool } from './http1/pool.ts';
import { createHttp2Upstream, type Http2Upstream } from './http2/session.ts';
import { createUpstreamTls } from './upstream-tls.ts';

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

/** @throws PodmatesError ERR_IO when the files of TLS cannot be used */
export function createUpstream(config: UpstreamConfig, place: string, logger: Logger): Upstream {
  const { protocol, hostname, port, host } = new URL(config.url);
  const secure = protocol === 'https:';
  const name = hostname.replace(/^\[|\]$/g, '');
  const endpoint: Endpoint = {
    host: name,
    port: Number(port === '' ? (secure ? 443 : 80) : port),
    socket: config.socket,
    tls: secure
      ? createUpstreamTls({ ...config.tls, host: name, place: `${place}.tls`, logger })
      : undefined,
  };
  const pool = createPool({
    endpoint,
    timeouts: config.timeouts,
    keepAliveMs: config.keepAlive,
    connections: config.connections,
  });
  const breaker = config.breaker === undefined ? undefined : createBreaker(config.breaker);
  const http2 =
    config.protocol === 'http2' ? createHttp2Upstream(endpoint, config.timeouts) : undefined;
  return { config, pool, http2, authority: host, breaker };
}
