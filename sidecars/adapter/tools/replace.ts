import type { AdapterConfig } from '../config.ts';
import { expandPresets } from '../presets/expand.ts';
import type { ProbeConfig } from '../probe/schema.ts';
import { type SourceConfig, sourceOfModule } from '../source-config.ts';

/**
 * The config with one source only, read from a sample file or another URL.
 * @param name of the source, or of a module of /probe; not needed when there is one
 * @param sample file or URL; without it, only the choice of the source counts
 * @returns what is wrong with the choice, as text
 */
export function replaceSource(
  config: AdapterConfig,
  name: string | undefined,
  sample: string | undefined,
): AdapterConfig | string {
  if (name === undefined && sample === undefined) return config;
  const sources: Record<string, SourceConfig> = {
    ...asSources(config.probe.modules),
    ...expandPresets(config.sources),
  };
  const names = Object.keys(sources);
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const source = wanted === undefined ? undefined : sources[wanted];
  if (wanted === undefined || source === undefined) {
    return `--source: expected one of ${names.join(', ')}`;
  }
  if (sample === undefined) return { ...config, sources: { [wanted]: source } };
  const place = /^https?:\/\//.test(sample)
    ? { url: sample, file: undefined, query: {} }
    : { url: undefined, file: sample };
  return { ...config, sources: { [wanted]: { ...source, ...place } } };
}

function asSources(modules: ProbeConfig['modules']): Record<string, SourceConfig> {
  const entries = Object.entries(modules);
  return Object.fromEntries(entries.map(([name, module]) => [name, sourceOfModule(module)]));
}
