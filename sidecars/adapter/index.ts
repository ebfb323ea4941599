import { isDeepStrictEqual } from 'node:util';
import { createReadiness } from '../core/admin/readiness.ts';
import { createAdminServer } from '../core/admin/server.ts';
import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import type { AdapterConfig } from './config.ts';
import { createAdapterMetrics } from './metrics.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { addMetricsRoute } from './publish/route.ts';
import { statusOf } from './status.ts';

export {
  type AdapterConfig,
  type AdapterInput as AdapterConfigInput,
  adapterSchema,
} from './config.ts';
export {
  type Converted,
  type ConvertedModule,
  convertJsonExporter,
  writeProbeConfig,
  writeSourceConfig,
} from './convert/convert.ts';
export {
  type Adapter,
  type AdapterInput,
  type CounterMetric,
  defineAdapter,
  type HistogramMetric,
  type LabelValues,
  type MetricOptions,
  type MetricsWriter,
  type SummaryMetric,
  type ValueMetric,
} from './define.ts';
export { draftConfig, type SuggestOptions } from './draft/suggest.ts';
export { type Finding, lintPage } from './lint/lint.ts';
export { collectOnce, type OncePage, type SourceReport } from './once.ts';
export { type Preset, presetNames, readPreset, readPresetText } from './presets/preset.ts';
export { replaceSource } from './replace.ts';

/** The adapter: one page for Prometheus from everything that the pod's containers say. */
export function createAdapter(
  config: AdapterConfig,
  { logger, metrics }: Surroundings,
): Container<AdapterConfig> {
  let current = config;
  let pipeline: Pipeline | undefined;
  const own = createAdapterMetrics(metrics);
  const readiness = createReadiness();
  const running = () => {
    if (pipeline === undefined) throw new TypeError('the adapter has not been started');
    return pipeline;
  };
  const admin =
    config.admin === false
      ? undefined
      : createAdminServer({
          container: 'adapter',
          listen: config.admin.listen,
          metrics,
          readiness,
          config: () => current,
          status: () => statusOf(running()),
          routes: (app) =>
            addMetricsRoute(app, {
              page: (format, signal) => running().page(format, signal),
              offsetMs: () => current.scrapeOffset,
            }),
        });
  return {
    async start() {
      pipeline = await openPipeline(current, { logger, metrics, own });
      await admin?.start();
    },
    async stop() {
      readiness.drain();
      await admin?.stop();
      await pipeline?.close();
      return { left: [] };
    },
    ready: readiness.report,
    async reload(changed) {
      if (!isDeepStrictEqual(changed.admin, current.admin)) {
        throw new PodmatesError(
          'ERR_CONFIG',
          'admin: cannot change while the adapter runs; restart it',
        );
      }
      const next = await openPipeline(changed, { logger, metrics, own });
      const before = running();
      pipeline = next;
      current = changed;
      await before.close();
    },
    addresses: () => (admin === undefined ? {} : { admin: admin.address() }),
  };
}
