import type { Adapter, AdapterInput } from '../define.ts';
import type { Collector } from './collector.ts';
import type { Mapping } from './compile.ts';
import { decodeText } from './decode.ts';
import { type ParseDocument, parseExact, parseFast, readDocument } from './document.ts';
import { isOpenMetrics, parseExposition } from './exposition/parse.ts';
import { createWriter } from './writer.ts';

/** What a source answered. */
export interface MapInput {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/** Makes samples of what a source answered. Rejects when it is not what it should be. */
export type Mapper = (
  input: MapInput,
  /** Opens an empty collection; what the last one holds is the result. */
  collect: () => Collector,
  signal: AbortSignal,
) => Promise<void> | void;

/**
 * Maps JSON. A document in which a label needs an integer with more digits than a double has is
 * parsed again with all of them; and from then on, every document of this source at once.
 */
export function createJsonMapper(mapping: Mapping, several: boolean): Mapper {
  let parse: ParseDocument = parseFast;
  return ({ bytes }, collect) => {
    const text = decodeText(bytes);
    const read = () => readDocument(text, { parse, several });
    const { exact } = mapping.run(read(), collect());
    if (exact || parse === parseExact) return;
    parse = parseExact;
    mapping.run(read(), collect());
  };
}

export interface PageOptions {
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Takes over a page that is in the format of Prometheus already. */
export function createPageMapper(options: PageOptions): Mapper {
  return ({ bytes, contentType }, collect) => {
    const text = bytes.toString('utf8');
    const openMetrics =
      contentType === undefined ? text.trimEnd().endsWith('# EOF') : isOpenMetrics(contentType);
    const collector = collect();
    let first: string | undefined;
    parseExposition(text, collector, {
      ...options,
      openMetrics,
      onFault(line, fault) {
        const detail = `line ${line}: ${fault}`;
        first ??= detail;
        collector.drop({ reason: 'bad_line', metric: '', detail });
      },
    });
    if (first !== undefined && collector.families().length === 0) {
      throw new SyntaxError(describePage(text, first));
    }
  };
}

/** Why a text is no page of Prometheus at all. */
function describePage(text: string, fault: string): string {
  if (/^\s*</.test(text)) return 'the page is HTML or XML, not one of Prometheus';
  if (/^\s*[{[]/.test(text)) return 'the page is JSON, not one of Prometheus; say "format: json"';
  return `the page is none of Prometheus: ${fault}`;
}

export interface ModuleOptions {
  readonly source: string;
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Has an adapter of the user's own collect. */
export function createModuleMapper(adapter: Adapter, settings: ModuleOptions): Mapper {
  const { source, options, ...writing } = settings;
  return async ({ bytes, contentType }, collect, signal) => {
    const text = () => bytes.toString('utf8');
    const input: AdapterInput = {
      source,
      options,
      body: bytes,
      contentType,
      text,
      json: () => JSON.parse(text()),
    };
    await adapter.collect(input, createWriter(collect(), writing), signal);
  };
}
