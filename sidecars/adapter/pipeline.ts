import { PodmatesError } from '../core/errors.ts';
import { openDeadline } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Metrics } from '../core/metrics.ts';
import type { AdapterConfig } from './config.ts';
import { SourceError } from './fetch/body.ts';
import { createCollector } from './map/collector.ts';
import { parseExposition } from './map/exposition/parse.ts';
import { type AdapterMetrics, createAdapterMetrics } from './metrics.ts';
import { expandPresets } from './presets/expand.ts';
import { mergeFamilies, type SourceFamilies } from './publish/merge.ts';
import type { Format } from './publish/negotiate.ts';
import { encodePage } from './publish/write.ts';
import { createReporter } from './report.ts';
import type { Family } from './sample.ts';
import { type Collected, openSource, type Source, type SourceOptions } from './source.ts';

/** What one source gave for one scrape. */
export interface Outcome {
  readonly source: Source;
  readonly collected: Collected | undefined;
  readonly error: SourceError | undefined;
  /** How long it took until it came, or failed. */
  readonly seconds: number;
}

export interface Page {
  readonly body: Buffer;
  readonly outcomes: readonly Outcome[];
  /** A source with `onError: http503` failed. */
  readonly failed: boolean;
}

/** Asks every source at once and makes one page of what they say. */
export interface Pipeline {
  readonly sources: readonly Source[];
  /** What each source has had last, by name; empty before the first scrape. */
  readonly last: ReadonlyMap<string, Outcome>;
  /** Never rejects: a source that fails only misses on the page. */
  collect(signal: AbortSignal): Promise<readonly Outcome[]>;
  page(format: Format, signal: AbortSignal): Promise<Page>;
  close(): Promise<void>;
}

export interface PipelineOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What an earlier pipeline over the same `metrics` counted with; it goes on. */
  readonly own?: AdapterMetrics;
}

/** @throws PodmatesError that names the source whose module or files cannot be loaded */
export async function openPipeline(
  config: AdapterConfig,
  { logger, metrics, own = createAdapterMetrics(metrics) }: PipelineOptions,
): Promise<Pipeline> {
  const expanded = expandPresets(config.sources);
  const report = createReporter(logger, own);
  const sources: Source[] = [];
  for (const [name, source] of Object.entries(expanded)) {
    sources.push(await openNamed({ name, config: source, adapter: config }));
  }
  own.follow(Object.keys(expanded));
  const last = new Map<string, Outcome>();
  const ownLabelTexts = new Map<string, string>();

  const ask = async (source: Source, signal: AbortSignal): Promise<Outcome> => {
    const outcome = await settle(source, signal);
    if (outcome.error?.reason !== 'aborted') last.set(source.name, outcome);
    report.outcome(outcome);
    return outcome;
  };
  const collect = (signal: AbortSignal) =>
    Promise.all(sources.map((source) => ask(source, signal)));
  return {
    sources,
    last,
    collect,
    async page(format, signal) {
      const outcomes = await collect(signal);
      own.scrapes.inc({ format: format.kind });
      const parts: SourceFamilies[] = outcomes.map(({ source, collected }) => ({
        source: source.name,
        families: collected?.families ?? [],
      }));
      const first = {
        source: 'podmates',
        families: readOwn(await metrics.render(), ownLabelTexts),
      };
      const { pages, conflicts } = mergeFamilies([first, ...parts], format.escaping);
      report.conflicts(conflicts, format.escaping);
      const failed = outcomes.some(
        ({ error, source }) => error !== undefined && source.config.onError === 'http503',
      );
      return { body: encodePage(pages, format), outcomes, failed };
    },
    close: async () => {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

async function openNamed(options: SourceOptions): Promise<Source> {
  try {
    return await openSource(options);
  } catch (error) {
    if (!(error instanceof PodmatesError)) throw error;
    const reason = `adapter.sources.${options.name}: ${error.message}`;
    throw new PodmatesError(error.code, reason, { cause: error });
  }
}

async function settle(source: Source, signal: AbortSignal): Promise<Outcome> {
  // A little later than the fetch, which can say better what it waited for.
  const deadline = openDeadline(source.config.timeout + 100, signal);
  const began = performance.now();
  try {
    const collected = await source.collect(deadline.signal);
    return { source, collected, error: undefined, seconds: collected.seconds };
  } catch (error) {
    const known =
      error instanceof SourceError
        ? error
        : new SourceError('connect', String(error), { cause: error });
    const seconds = (performance.now() - began) / 1000;
    return { source, collected: undefined, error: known, seconds };
  } finally {
    deadline.close();
  }
}

/** The adapter's own metrics, as families like all others. */
function readOwn(text: string, labelTexts: Map<string, string>): readonly Family[] {
  const collector = createCollector({
    series: Number.POSITIVE_INFINITY,
    labelLength: Number.POSITIVE_INFINITY,
    onDrop: () => {},
  });
  const plain = { openMetrics: false, prefix: '', labels: {}, labelTexts, onFault: () => {} };
  parseExposition(text, collector, plain);
  return collector.families();
}
