import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { Moment } from './observer.ts';

export interface LivePage {
  /** Where it can be looked at. */
  readonly url: string;
  /** Sends a moment to everybody who is looking, and first thing to who comes later. */
  show(moment: Moment): void;
  stop(): Promise<void>;
}

export interface LivePageOptions {
  readonly port: number;
  /** Whether any other port will do when this one is taken. */
  readonly otherwiseAny: boolean;
  readonly complain: (text: string) => void;
}

const files: Readonly<Record<string, { readonly type: string; readonly file: string }>> = {
  '/': { type: 'text/html; charset=utf-8', file: own('index.html') },
  '/page.css': { type: 'text/css', file: own('page.css') },
  '/page.js': { type: 'text/javascript', file: own('page.js') },
  '/plots.js': { type: 'text/javascript', file: own('plots.js') },
  '/drawing.js': { type: 'text/javascript', file: own('drawing.js') },
  '/documents.js': { type: 'text/javascript', file: own('documents.js') },
  '/uplot.js': { type: 'text/javascript', file: installed('uplot/dist/uPlot.esm.js') },
  '/uplot.css': { type: 'text/css', file: installed('uplot/dist/uPlot.min.css') },
};

/**
 * Serves the page, with all that it needs, on loopback.
 * @throws PodmatesError ERR_LISTEN
 */
export async function servePage(options: LivePageOptions): Promise<LivePage> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const watchers = new Set<FastifyReply>();
  let last = '';
  for (const [path, { type, file }] of Object.entries(files)) {
    app.get(path, (_request, reply) => reply.type(type).send(createReadStream(file)));
  }
  app.get('/moments', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.raw.write(last);
    watchers.add(reply);
    request.raw.on('close', () => watchers.delete(reply));
  });
  return {
    url: await listen(app, options),
    show(moment) {
      last = `data: ${JSON.stringify(moment)}\n\n`;
      for (const { raw } of watchers) raw.write(last);
    },
    stop: () => app.close(),
  };
}

async function listen(app: FastifyInstance, options: LivePageOptions): Promise<string> {
  const { port, otherwiseAny, complain } = options;
  try {
    return await app.listen({ host: '127.0.0.1', port });
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || !otherwiseAny) {
      const reason = `cannot show the page on port ${port}: ${describeError(error)}; name another with --port`;
      throw new PodmatesError('ERR_LISTEN', reason, { cause: error });
    }
    complain(`port ${port} is taken, using another`);
    return app.listen({ host: '127.0.0.1', port: 0 });
  }
}

function own(name: string): string {
  return fileURLToPath(new URL(`page/${name}`, import.meta.url));
}

function installed(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier));
}
