import { compileMapping, type Mapping } from '../map/compile.ts';
import { decodeText } from '../map/decode.ts';
import { parseFast, readDocument, readSample } from '../map/document.ts';
import type { Mapper } from '../map/mapper.ts';
import { rulesSchema } from '../map/schema.ts';
import { createMemory } from './candidate.ts';
import { draftMapping } from './draft.ts';
import { countShapes, createShape, observe } from './shape.ts';
import { toRules } from './write.ts';

export interface DraftMapperOptions {
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether one answer holds several documents; found out when it does. */
  readonly several: boolean;
}

/** An app that names new things all the time must not make us remember all of them. */
const maxNames = 4000;
/** Keys of maps come and go, as sessions do; past this many places, only the present ones count. */
const maxPlaces = 20_000;

/**
 * Maps JSON without any config: drafts a mapping from what it has seen, and drafts it again when a
 * document brings something new. A metric keeps its name and type, a map stays a map. How numbers
 * move is not looked at: replicas with other traffic must not have other names.
 */
export function createDraftMapper({ prefix, labels, several }: DraftMapperOptions): Mapper {
  const memory = createMemory();
  let shape = createShape();
  let written = '';
  let mapping: Mapping | undefined;
  let many = several;
  /** An app that once answered with several documents means several, also when there is but one. */
  const read = (text: string): unknown => {
    if (many) return readDocument(text, { parse: parseFast, several: true });
    const sample = readSample(text);
    many = sample.several;
    return sample.document;
  };
  return ({ bytes }, collect) => {
    const text = decodeText(bytes);
    const document = read(text);
    if (memory.names.size < maxNames && memory.maps.size < maxPlaces) {
      if (countShapes(shape, maxPlaces) >= maxPlaces) shape = createShape();
      observe(shape, document);
      const rules = toRules(draftMapping(shape, { prefix: '', memory }).nodes);
      const now = JSON.stringify(rules);
      if (now !== written) {
        written = now;
        mapping = rules.length === 0 ? undefined : compileRules(rules, { prefix, labels });
      }
    } else {
      shape = createShape(); // what is known is in the mapping
    }
    const collector = collect();
    mapping?.run(document, collector);
  };
}

function compileRules(rules: unknown, options: Omit<DraftMapperOptions, 'several'>): Mapping {
  return compileMapping(rulesSchema.parse(rules), options);
}
