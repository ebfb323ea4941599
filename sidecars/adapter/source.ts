import { describeError, PodmatesError } from '../core/errors.ts';
import { loadModule } from '../core/module.ts';
import type { AdapterConfig, SourceConfig } from './config.ts';
import { type Adapter, isAdapter } from './define.ts';
import { createDraftMapper } from './draft/mapper.ts';
import { type Body, type Fetch, SourceError } from './fetch/body.ts';
import { createFileFetch } from './fetch/file.ts';
import { createHttpFetch, type HttpFetchOptions } from './fetch/http.ts';
import { type Shared, share } from './fetch/share.ts';
import { createCollector } from './map/collector.ts';
import { compileMapping } from './map/compile.ts';
import {
  createJsonMapper,
  createModuleMapper,
  createPageMapper,
  type Mapper,
} from './map/mapper.ts';
import { createTally, type DroppedKind } from './map/tally.ts';
import type { Family } from './sample.ts';

/** What one turn of a source brought. */
export interface Collected {
  readonly families: readonly Family[];
  readonly bytes: number;
  /** How long fetching and mapping took, in seconds. */
  readonly seconds: number;
  readonly dropped: readonly DroppedKind[];
}

/** A named source of the config, ready to be asked. */
export interface Source {
  readonly name: string;
  readonly config: SourceConfig;
  /** Rejects with a SourceError. Turns at the same time are one turn. */
  readonly collect: Shared<Collected>;
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly name: string;
  readonly config: SourceConfig;
  readonly adapter: Pick<AdapterConfig, 'prefix' | 'limits'>;
  /** Finds the address of the URL's host, and may refuse to. */
  readonly lookup?: HttpFetchOptions['lookup'];
}

/** @throws PodmatesError ERR_MODULE when the module of the source cannot be loaded */
export async function openSource(options: SourceOptions): Promise<Source> {
  const { name, config } = options;
  const { fetch, close } = openFetch(config, options.lookup);
  const mapper = await openMapper(options);
  let before: readonly Family[] = [];
  const turn = async (signal: AbortSignal): Promise<Collected> => {
    const began = performance.now();
    const body = await fetch(signal);
    const { families, dropped } = await map(mapper, body, { ...options, before }, signal);
    before = families;
    const seconds = (performance.now() - began) / 1000;
    return { families, dropped, bytes: body.bytes.length, seconds };
  };
  return { name, config, collect: share(turn, config.cache ?? 0), close };
}

function openFetch(
  config: SourceConfig,
  lookup: HttpFetchOptions['lookup'],
): { fetch: Fetch; close: () => Promise<void> } {
  const { url, file, maxBody } = config;
  if (url !== undefined) return createHttpFetch({ ...config, url, lookup });
  const close = async () => {};
  if (file !== undefined) return { fetch: createFileFetch(file, maxBody), close };
  const nothing: Body = { bytes: Buffer.alloc(0), contentType: undefined };
  return { fetch: async () => nothing, close };
}

async function openMapper(options: SourceOptions): Promise<Mapper> {
  const { name, config, adapter } = options;
  const { labels, timeZone } = config;
  const prefix = config.prefix ?? adapter.prefix;
  if (config.module !== undefined) {
    const loaded = await loadAdapter(config.module);
    return createModuleMapper(loaded, { source: name, options: config.options, prefix, labels });
  }
  if (config.format === 'prometheus') {
    return createPageMapper({ prefix: config.prefix ?? '', labels });
  }
  const several = config.format === 'ndjson';
  if (config.metrics === undefined) return createDraftMapper({ prefix, labels, several });
  return createJsonMapper(compileMapping(config.metrics, { prefix, labels, timeZone }), several);
}

async function loadAdapter(file: string): Promise<Adapter> {
  const loaded = await loadModule(file);
  if (isAdapter(loaded)) return loaded;
  throw new PodmatesError(
    'ERR_MODULE',
    `${file} does not export a defineAdapter({ name, collect })`,
  );
}

async function map(
  mapper: Mapper,
  body: Body,
  { adapter, config, before }: SourceOptions & { readonly before: readonly Family[] },
  signal: AbortSignal,
): Promise<Pick<Collected, 'families' | 'dropped'>> {
  let tally = createTally();
  const open = () => {
    tally = createTally();
    return createCollector({ ...adapter.limits, before, onDrop: tally.add });
  };
  let collector = open();
  const collect = () => {
    collector = open();
    return collector;
  };
  try {
    await mapper(body, collect, signal);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const reason = config.module === undefined ? 'parse' : 'module';
    throw new SourceError(reason, describeError(error), { cause: error });
  }
  return { families: collector.families(), dropped: tally.kinds() };
}
