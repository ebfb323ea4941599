import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { AdminOptions } from '../../core/admin/server.ts';
import { openDeadline } from '../../core/lifecycle.ts';
import { scrapeBudget } from './budget.ts';
import { type Format, negotiate } from './negotiate.ts';

type App = Parameters<NonNullable<AdminOptions['routes']>>[0];

export interface PageAnswer {
  readonly body: string | Buffer;
  readonly status: number;
  /** What it is, when it is no page. */
  readonly contentType?: string;
}

export interface PageOptions {
  page(
    format: Format,
    signal: AbortSignal,
    query: Readonly<Record<string, unknown>>,
  ): Promise<PageAnswer>;
  /** How much before the scrape times out the page is sent, in milliseconds. */
  offsetMs(): number;
}

/** `GET path`: a page in the format that the scraper prefers, within the time that it waits. */
export function addPageRoute(app: App, path: string, { page, offsetMs }: PageOptions): void {
  app.get<{ Querystring: Record<string, unknown> }>(
    path,
    async ({ headers, raw, query }, reply) => {
      const header = headers['x-prometheus-scrape-timeout-seconds']?.toString();
      const gone = new AbortController();
      const deadline = openDeadline(scrapeBudget(header, offsetMs()), gone.signal);
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
        deadline.close();
      });
      const format = negotiate(headers.accept);
      const answer = await page(format, deadline.signal, query);
      const { body, status, contentType = format.contentType } = answer;
      reply.code(status).type(contentType).header('vary', 'accept, accept-encoding');
      if (raw.method === 'HEAD' || !acceptsGzip(headers['accept-encoding']?.toString())) {
        return reply.send(body);
      }
      // Level 6 packs a page a fiftieth smaller, and takes three times as long.
      const packed = await promisify(gzip)(body, { level: constants.Z_BEST_SPEED });
      return reply.header('content-encoding', 'gzip').send(packed);
    },
  );
}

export interface RouteOptions extends Pick<PageOptions, 'offsetMs'> {
  page(
    format: Format,
    signal: AbortSignal,
  ): Promise<{ readonly body: Buffer; readonly failed: boolean }>;
}

/** `GET /metrics`: the page of all sources. */
export function addMetricsRoute(app: App, { page, offsetMs }: RouteOptions): void {
  addPageRoute(app, '/metrics', {
    offsetMs,
    page: async (format, signal) => {
      const { body, failed } = await page(format, signal);
      return { body, status: failed ? 503 : 200 };
    },
  });
}

/** RFC 9110 section 12.5.3: what is said of gzip itself comes before what is said of `*`. */
function acceptsGzip(header: string | undefined): boolean {
  const said = new Map(
    (header ?? '').split(',').map((part) => {
      const [coding = '', quality = ''] = part.split(';').map((piece) => piece.trim());
      return [coding.toLowerCase(), !/^q=0(\.0*)?$/i.test(quality)] as const;
    }),
  );
  return said.get('gzip') ?? said.get('x-gzip') ?? said.get('*') ?? false;
}
