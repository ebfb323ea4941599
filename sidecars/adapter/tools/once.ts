import type { Surroundings } from '../../core/container.ts';
import type { AdapterConfig } from '../config.ts';
import type { Dropped } from '../map/collector.ts';
import { type Outcome, openPipeline } from '../pipeline.ts';
import { mergeFamilies } from '../publish/merge.ts';
import { format } from '../publish/negotiate.ts';
import { writePage } from '../publish/write.ts';

/** What one source brought to a page. */
export interface SourceReport {
  readonly name: string;
  /** Why it brought nothing. */
  readonly error: string | undefined;
  /** Samples that could not stand on the page. */
  readonly dropped: readonly Dropped[];
}

export interface OncePage {
  /** The page of the sources in text format 0.0.4, without the adapter's own metrics. */
  readonly text: string;
  readonly sources: readonly SourceReport[];
  /** What no place was found for beside what other sources say. */
  readonly conflicts: readonly string[];
}

/** Collects from every source of the config once and makes a page of it, without any server. */
export async function collectOnce(
  config: AdapterConfig,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<OncePage> {
  const pipeline = await openPipeline(config, surroundings);
  // No deadline keeps the process, and a module may wait for something that does not either.
  const awake = setInterval(() => {}, 1000);
  try {
    return writeOutcomes(await pipeline.collect(signal));
  } finally {
    clearInterval(awake);
    await pipeline.close();
  }
}

/** The page of what was collected. */
function writeOutcomes(outcomes: readonly Outcome[]): OncePage {
  const parts = outcomes.map(({ source, collected }) => ({
    source: source.name,
    families: collected?.families ?? [],
  }));
  const { pages, conflicts } = mergeFamilies(parts, 'underscores');
  return {
    text: writePage(pages, format('text', 'underscores')),
    sources: outcomes.map(({ source, collected, error }) => ({
      name: source.name,
      error: error?.message,
      dropped: collected?.dropped ?? [],
    })),
    conflicts: conflicts.map(({ source, metric, detail }) => `${source}: ${metric} ${detail}`),
  };
}
