import type { AdminOptions } from '../../core/admin/server.ts';
import type { AdapterMetrics } from '../metrics.ts';
import { addPageRoute, type PageOptions } from '../publish/route.ts';
import { writeProbePage } from './page.ts';
import type { Probe } from './probe.ts';

type App = Parameters<NonNullable<AdminOptions['routes']>>[0];

export interface ProbeRouteOptions extends Pick<PageOptions, 'offsetMs'> {
  probe(): Probe;
  readonly probes: AdapterMetrics['probes'];
}

/** `GET /probe?source=NAME` and `GET /probe?module=NAME&target=URL`. */
export function addProbeRoute(app: App, { probe, probes, offsetMs }: ProbeRouteOptions): void {
  addPageRoute(app, '/probe', {
    offsetMs,
    page: async (format, signal, query) => {
      const began = performance.now();
      const text = (name: string) => {
        const value = query[name];
        return typeof value === 'string' && value !== '' ? value : undefined;
      };
      const asked = { source: text('source'), module: text('module'), target: text('target') };
      const answer = await probe().answer(asked, signal);
      if ('refused' in answer) {
        probes.inc({ result: 'refused' });
        const contentType = 'text/plain; charset=utf-8';
        return { text: `${answer.refused}\n`, status: answer.status, contentType };
      }
      const { families, success } = answer;
      probes.inc({ result: success ? 'success' : 'failure' });
      const seconds = (performance.now() - began) / 1000;
      return { text: writeProbePage(families, { success, seconds }, format), status: 200 };
    },
  });
}
