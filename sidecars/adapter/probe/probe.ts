import { PodmatesError } from '../../core/errors.ts';
import type { AdapterConfig } from '../config.ts';
import { SourceError } from '../fetch/body.ts';
import type { Family } from '../sample.ts';
import { type Collected, openSource, type Source } from '../source.ts';
import { sourceOfModule } from '../source-config.ts';
import { createAddressJudge, createGuardedLookup } from './address.ts';
import type { ProbeConfig } from './schema.ts';

/** What a probe asks for, from its query. */
export interface ProbeQuery {
  readonly source: string | undefined;
  readonly module: string | undefined;
  readonly target: string | undefined;
}

export type ProbeAnswer =
  | {
      readonly families: readonly Family[];
      readonly success: boolean;
      /** How many samples could not stand on the page. */
      readonly dropped: number;
      /** What went wrong, for people, a line each. */
      readonly told: readonly string[];
    }
  /** It is not done at all; `status` is 400 for a bad question, 403 for a target not listed. */
  | { readonly refused: string; readonly status: 400 | 403 };

export interface Probe {
  answer(query: ProbeQuery, signal: AbortSignal): Promise<ProbeAnswer>;
  close(): Promise<void>;
}

export interface ProbeOptions {
  readonly adapter: AdapterConfig;
  /** The sources of the page, of which a probe may ask one alone. */
  readonly sources: readonly Source[];
}

/** Connections to this many targets stay open; who has not been asked for longest goes first. */
const maxOpenTargets = 256;

/** Answers `/probe`: one source of the page, or a target of the allow list by a module. */
export function createProbe({ adapter, sources }: ProbeOptions): Probe {
  const config: ProbeConfig = adapter.probe;
  const judge = createAddressJudge(config.addresses);
  const open = new Map<string, Promise<Source>>();

  const openTarget = (module: string, url: URL): Promise<Source> => {
    const key = `${module}\0${url.href}`;
    const known = open.get(key) ?? openSource(sourceOf(module, url));
    open.delete(key);
    open.set(key, known);
    // What could not be opened, for a file that is missing, may be there at the next probe.
    known.catch(() => open.delete(key));
    for (const [oldest, source] of open) {
      if (open.size <= maxOpenTargets) break;
      open.delete(oldest);
      void source.then(({ close }) => close()).catch(() => {});
    }
    return known;
  };
  const sourceOf = (name: string, url: URL) => {
    const module = config.modules[name];
    if (module === undefined) throw new TypeError(`no module ${name}`);
    return {
      name,
      config: { ...sourceOfModule(module), url: url.href },
      adapter,
      lookup: createGuardedLookup(judge, url.hostname),
    };
  };
  return {
    async answer({ source, module, target }, signal) {
      if (source !== undefined) return probeSources(sources, source, signal);
      if (module === undefined || target === undefined) {
        return { status: 400, refused: 'ask /probe?source=NAME or /probe?module=NAME&target=URL' };
      }
      if (!Object.hasOwn(config.modules, module)) {
        return {
          status: 400,
          refused: `unknown module "${module}"; see probe.modules in the config`,
        };
      }
      const url = judgeTarget(target, config, judge);
      if (typeof url === 'string') return { status: 403, refused: url };
      try {
        return await collectAll([await openTarget(module, url)], signal);
      } catch (error) {
        if (!(error instanceof PodmatesError)) throw error;
        return { families: [], success: false, dropped: 0, told: [`${module}: ${error.message}`] };
      }
    },
    async close() {
      await Promise.allSettled([...open.values()].map(async (source) => (await source).close()));
      open.clear();
    },
  };
}

/** @returns the target, or why it is refused */
function judgeTarget(
  target: string,
  { targets }: ProbeConfig,
  judge: ReturnType<typeof createAddressJudge>,
): URL | string {
  const text = target.includes('://') ? target : `http://${target}`;
  if (!URL.canParse(text)) return `the target "${target}" is no URL`;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'a target must not carry credentials';
  const matching = targets.filter((pattern) => pattern.matches(url));
  if (matching.length === 0) return `the target ${url.origin} is not in probe.targets`;
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const listed = matching.some(({ host }) => host === url.hostname);
  // An address written out in the list is listed; one that a "*" let through is judged.
  if (!listed && /^[\d.]+$|:/.test(bare) && !judge(bare))
    return `${bare} is not in probe.addresses`;
  return url;
}

async function probeSources(
  sources: readonly Source[],
  wanted: string,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const chosen = sources.filter(({ name }) => name === wanted || name.startsWith(`${wanted}/`));
  if (chosen.length === 0) return { status: 400, refused: `unknown source "${wanted}"` };
  return collectAll(chosen, signal);
}

async function collectAll(sources: readonly Source[], signal: AbortSignal): Promise<ProbeAnswer> {
  const answers = await Promise.all(sources.map((source) => collectOne(source, signal)));
  const collected = answers.flatMap((one) => ('failure' in one ? [] : [one]));
  const dropped = collected.flatMap((one) => one.dropped);
  return {
    families: collected.flatMap(({ families }) => families),
    success: collected.length === answers.length,
    dropped: dropped.length,
    told: [
      ...answers.flatMap((one) => ('failure' in one ? [one.failure] : [])),
      ...dropped.map(({ reason, metric, detail }) => `dropped (${reason}): ${metric} ${detail}`),
    ],
  };
}

async function collectOne(
  source: Source,
  signal: AbortSignal,
): Promise<Collected | { readonly failure: string }> {
  try {
    return await source.collect(signal);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { failure: `${source.name}: failed (${error.reason}): ${error.message}` };
  }
}
