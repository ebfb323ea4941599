import { type AdapterConfig, adapterSchema } from '../../sidecars/adapter/config.ts';
import { createCollector, type Dropped } from '../../sidecars/adapter/map/collector.ts';
import { compileMapping } from '../../sidecars/adapter/map/compile.ts';
import { parseExposition } from '../../sidecars/adapter/map/exposition/parse.ts';
import { createJsonMapper } from '../../sidecars/adapter/map/mapper.ts';
import { mergeFamilies } from '../../sidecars/adapter/publish/merge.ts';
import { type Format, format } from '../../sidecars/adapter/publish/negotiate.ts';
import { writePage } from '../../sidecars/adapter/publish/write.ts';
import type { Family } from '../../sidecars/adapter/sample.ts';
import { readConfig } from '../../sidecars/core/config/load.ts';

export const text = format('text', 'underscores');
export const openMetrics = format('openmetrics', 'underscores');

/** The section `adapter:` of a YAML text, validated. */
export function readAdapter(yaml: string): AdapterConfig {
  return readConfig({ text: yaml, file: 'test.yaml', environment: {} }).section(
    'adapter',
    adapterSchema,
  );
}

/** The config of one source with the given `metrics:`, written in YAML. */
export function withMetrics(metrics: string, more = ''): AdapterConfig {
  const rules = metrics.replace(/^\n+/, '').replace(/\s+$/, '');
  const indented = rules.replace(/^/gm, '        ');
  return readAdapter(
    `adapter:\n${more}  sources:\n    app:\n      file: /dev/null\n      metrics:\n${indented}\n`,
  );
}

export interface Mapped {
  readonly families: readonly Family[];
  readonly dropped: readonly Dropped[];
}

/** Maps a document, given as a value or as JSON text. */
export function map(metrics: string, document: unknown, more = ''): Mapped {
  const config = withMetrics(metrics, more);
  const rules = config.sources['app']?.metrics ?? [];
  const mapping = compileMapping(rules, { prefix: config.prefix, labels: {} });
  return run(createJsonMapper(mapping, false), document, config.limits);
}

export function run(
  mapper: ReturnType<typeof createJsonMapper>,
  document: unknown,
  limits: { series: number; labelLength: number },
): Mapped {
  const dropped: Dropped[] = [];
  let collector = createCollector({ ...limits, onDrop: (one) => dropped.push(one) });
  const open = () => {
    dropped.length = 0;
    collector = createCollector({ ...limits, onDrop: (one) => dropped.push(one) });
    return collector;
  };
  const json = typeof document === 'string' ? document : JSON.stringify(document);
  const input = { bytes: Buffer.from(json), contentType: undefined };
  void mapper(input, open, new AbortController().signal);
  return { families: collector.families(), dropped };
}

/** The page of families of one source. */
export function page(families: readonly Family[], as: Format = text): string {
  const { pages } = mergeFamilies([{ source: 'app', families }], as.escaping);
  return writePage(pages, as);
}

/** The sample lines of a page, without comments. */
export function samples(families: readonly Family[], as: Format = text): string[] {
  return page(families, as)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Reads a page strictly. @returns everything that is wrong with it, and what it holds */
export function readStrictly(page: string, isOpenMetrics: boolean) {
  const faults: string[] = [];
  const collector = createCollector({
    series: Number.POSITIVE_INFINITY,
    labelLength: Number.POSITIVE_INFINITY,
    onDrop: ({ reason, metric, detail }) => faults.push(`${reason} ${metric} ${detail}`),
  });
  parseExposition(page, collector, {
    openMetrics: isOpenMetrics,
    prefix: '',
    labels: {},
    onFault: (line, fault) => faults.push(`line ${line}: ${fault}: ${page.split('\n')[line - 1]}`),
  });
  return { faults, families: collector.families() };
}
