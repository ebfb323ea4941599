import { isDeepStrictEqual } from 'node:util';
import { createReadiness } from '../core/admin/readiness.ts';
import { createAdminServer } from '../core/admin/server.ts';
import type { ListenAddress } from '../core/config/fields.ts';
import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import type { AdapterConfig } from './config.ts';
import { createAdapterMetrics } from './metrics.ts';
import { addProbeRoute } from './probe/route.ts';
import { addMetricsRoute } from './publish/route.ts';
import { openRunning, type Running } from './running.ts';
import { statusOf } from './status.ts';

export {
  type AdapterConfig,
  type AdapterInput as AdapterConfigInput,
  adapterSchema,
} from './config.ts';
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
export { readSample, type Sample } from './map/document.ts';
export { type Preset, presetNames, readPreset, readPresetText } from './presets/preset.ts';
export {
  type Converted,
  type ConvertedModule,
  convertJsonExporter,
  writeProbeConfig,
  writeSourceConfig,
} from './tools/convert/convert.ts';
export { type Finding, lintPage } from './tools/lint/lint.ts';
export { collectOnce, type OncePage, type SourceReport } from './tools/once.ts';
export { replaceSource } from './tools/replace.ts';
export { draftConfig, type SuggestOptions } from './tools/suggest.ts';

/** The adapter: one page for Prometheus from everything that the pod's containers say. */
export function createAdapter(
  config: AdapterConfig,
  { logger, metrics }: Surroundings,
): Container<AdapterConfig> {
  let current = config;
  let running: Running | undefined;
  const { promise: finished, resolve: onGone } = Promise.withResolvers<void>();
  const own = createAdapterMetrics(metrics);
  const readiness = createReadiness();
  const now = () => {
    if (running === undefined) throw new TypeError('the adapter has not been started');
    return running;
  };
  const open = (wanted: AdapterConfig) => openRunning(wanted, { logger, metrics, own, onGone });
  const openAdmin = (listen: ListenAddress) =>
    createAdminServer({
      container: 'adapter',
      listen,
      metrics,
      readiness,
      config: () => current,
      status: () => statusOf(now().pipeline),
      routes: (app) => {
        const offsetMs = () => current.scrapeOffset;
        addMetricsRoute(app, { page: (...how) => now().pipeline.page(...how), offsetMs });
        addProbeRoute(app, { probe: () => now().probe, offsetMs, probes: own.probes });
      },
    });
  const admin = config.admin === false ? undefined : openAdmin(config.admin.listen);
  return {
    async start() {
      running = await open(current);
      await admin?.start();
      running.start();
    },
    async stop(deadline) {
      readiness.drain();
      const left = (await running?.stop(deadline)) ?? [];
      await admin?.stop();
      return { left };
    },
    ready: readiness.report,
    async reload(changed) {
      if (!isDeepStrictEqual(changed.admin, current.admin)) {
        throw new PodmatesError(
          'ERR_CONFIG',
          'admin: cannot change while the adapter runs; restart it',
        );
      }
      const next = await open(changed);
      const before = now();
      running = next;
      current = changed;
      await before.close();
      next.start();
    },
    ...(config.push?.exitWhenGone === undefined ? {} : { finished }),
    addresses: () => (admin === undefined ? {} : { admin: admin.address() }),
  };
}
