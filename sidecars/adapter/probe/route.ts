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

const plain = 'text/plain; charset=utf-8';

/**
 * `GET /probe?source=NAME` and `GET /probe?module=NAME&target=URL`; with `&debug=true`, what went
 * wrong stands in front of the page, for people.
 */
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
        return { body: `${answer.refused}\n`, status: answer.status, contentType: plain };
      }
      const { families, success, dropped, told } = answer;
      probes.inc({ result: success ? 'success' : 'failure' });
      const seconds = (performance.now() - began) / 1000;
      const page = writeProbePage(families, { success, seconds, dropped }, format);
      if (text('debug') !== 'true') return { body: page, status: 200 };
      const reasons = told.length === 0 ? 'nothing went wrong' : told.join('\n');
      return { body: `${reasons}\n\n${page}`, status: 200, contentType: plain };
    },
  });
}
