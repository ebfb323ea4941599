import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { ListenAddress } from '../config/fields.ts';
import { describeError, PodmatesError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { renderPage } from './page.ts';
import type { Readiness } from './readiness.ts';
import { showConfig } from './shown-config.ts';
import type { StatusSection } from './status.ts';

export interface AdminOptions {
  /** `adapter`, `ambassador` or `log-tail`. */
  readonly container: string;
  readonly listen: ListenAddress;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** The config in force; secrets show themselves masked. */
  config(): unknown;
  /** What the container is doing right now, for people. */
  status(): readonly StatusSection[];
  /** Routes of the container's own; one for `/metrics` replaces the page of own metrics. */
  readonly routes?: (app: FastifyInstance) => void;
}

export interface AdminServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `host:port` once started. */
  address(): string;
}

/** The admin server: `/metrics`, `/livez`, `/readyz`, `/config`, and `/` for people. */
export function createAdminServer(options: AdminOptions): AdminServer {
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    schemaController: { compilersFactory: withoutSchemas },
  });
  addRoutes(app, options);
  return {
    async start() {
      const { host, port } = options.listen;
      try {
        await app.listen({ port, host: host ?? '::' });
      } catch (error) {
        if (host !== undefined || !isNoIpv6(error)) throw listenError(options, error);
        await app.listen({ port, host: '0.0.0.0' }).catch((cause: unknown) => {
          throw listenError(options, cause);
        });
      }
    },
    stop: () => closeSoon(app),
    address: () => formatAddress(app.server.address()),
  };
}

/**
 * No route has a JSON Schema: to say so spares a container ajv and fast-json-stringify, which fastify
 * loads where no compiler is named.
 */
const withoutSchemas = { buildValidator: noSchemas, buildSerializer: noSchemas };

function noSchemas(): never {
  throw new Error('the routes of an admin server have no JSON Schema');
}

/** How long answers that are under way may take when the container stops, in milliseconds. */
const graceMs = 5000;

async function closeSoon(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(late);
}

function addRoutes(app: FastifyInstance, options: AdminOptions): void {
  const { container, metrics, readiness, config, status, routes } = options;
  routes?.(app);
  if (!app.hasRoute({ method: 'GET', url: '/metrics' })) {
    app.get('/metrics', async (_request, reply) => {
      return reply.type(metrics.contentType).send(await metrics.render());
    });
  }
  app.get('/livez', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const report = readiness.report();
    return reply.code(report.ready ? 200 : 503).send(report);
  });
  app.get('/config', async (_request, reply) => {
    return reply.type('application/json').send(showConfig(config()));
  });
  app.get('/status', async () => ({ ...readiness.report(), sections: status() }));
  app.get('/', async (_request, reply) => {
    return reply.type('text/html; charset=utf-8').send(renderPage(container));
  });
}

function isNoIpv6(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT';
}

function listenError({ container, listen }: AdminOptions, cause: unknown): PodmatesError {
  const place = `${listen.host ?? ''}:${listen.port}`;
  const reason = `${container}: cannot listen on ${place}: ${describeError(cause)}`;
  return new PodmatesError('ERR_LISTEN', reason, { cause });
}

/** `host:port`, the host in brackets when it is IPv6; empty when nothing listens. */
export function formatAddress(address: AddressInfo | string | null): string {
  if (address === null) return '';
  if (typeof address === 'string') return address;
  const { address: host, port, family } = address;
  return family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`;
}
