import { adapterSchema, collectOnce, type OncePage } from '../../../sidecars/adapter/index.ts';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';

/** The page of an app at `url`, by a preset. */
export async function collectPreset(
  preset: string,
  url: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<OncePage> {
  const config = adapterSchema.parse({ sources: { app: { preset, url, ...more } } });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const surroundings = { logger, metrics: createMetrics('adapter') };
  return collectOnce(config, surroundings, AbortSignal.timeout(20_000));
}
