import type { SourceConfig } from '../source-config.ts';
import { readPreset } from './preset.ts';

/**
 * Puts a source for each endpoint of a preset in the place of the source that names the preset:
 * `app` with `preset: nats` becomes `app/varz`, `app/connz` and `app/jsz`.
 */
export function expandPresets(
  sources: Readonly<Record<string, SourceConfig>>,
): Record<string, SourceConfig> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([name, source]) =>
      source.preset === undefined ? [[name, source]] : expand(name, source, source.preset),
    ),
  );
}

function expand(name: string, source: SourceConfig, preset: string): [string, SourceConfig][] {
  const { url, endpoints } = readPreset(preset);
  const base = (source.url ?? url).replace(/\/+$/, '');
  return Object.entries(endpoints).map(([endpoint, { path, query, metrics, ...answers }]) => [
    `${name}/${endpoint}`,
    {
      ...source,
      preset: undefined,
      url: base + path,
      query: { ...query, ...source.query },
      validStatus: [
        ...source.validStatus,
        ...(answers.optional ? [404] : []),
        ...(answers.anyStatus ? [503] : []),
      ],
      // The names of a preset are whole; only a prefix given for this very source goes before them.
      prefix: source.prefix ?? '',
      metrics,
    },
  ]);
}
