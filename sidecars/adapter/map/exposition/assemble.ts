import type { Collector } from '../collector.ts';
import { openParts } from './family.ts';
import type { Line } from './line.ts';
import type { FamilyParts } from './parts.ts';

export type SampleLine = Extract<Line, { kind: 'sample' }>;
export type Tell = (fault: string) => void;

export interface AssemblyOptions {
  readonly openMetrics: boolean;
  /** What stands in front of every name, and did not on the page. */
  readonly prefix: string;
  /** The labels of a line as points carry them, without the one named. */
  labelText(raw: string, labels: ReadonlyMap<string, string>, without?: string): string;
}

/** Puts lines back together into families and points. */
export interface Assembly {
  describe(kind: 'help' | 'type' | 'unit', name: string, text: string, tell: Tell): void;
  sample(line: SampleLine, tell: Tell): void;
  finish(): void;
}

interface Section {
  readonly name: string;
  type: string | undefined;
  help: string;
  unit: string | undefined;
  parts: FamilyParts | undefined;
  /** Another family has begun since. */
  left: boolean;
}

/** Which samples a type has, by what stands behind the family's name. */
const suffixesOfText: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const suffixesOfOpenMetrics: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [''],
};

export function createAssembly(collector: Collector, options: AssemblyOptions): Assembly {
  const { openMetrics } = options;
  const suffixes = openMetrics ? suffixesOfOpenMetrics : suffixesOfText;
  const anyType = openMetrics ? 'unknown' : 'untyped';
  const sections = createSections();
  const owns = (section: Section, name: string): string | undefined => {
    const own = suffixes[section.type ?? anyType] ?? [''];
    return own.find((suffix) => name === section.name + suffix);
  };
  /** The family that a sample belongs to: the one it stands in, or else one that knows its name. */
  const ownerOf = (name: string): readonly [Section, string] => {
    const candidates = [sections.current(), ...stems(name).map(sections.get)];
    for (const section of candidates) {
      const suffix = section === undefined ? undefined : owns(section, name);
      if (section !== undefined && suffix !== undefined) return [section, suffix];
    }
    return [sections.of(name), ''];
  };
  return {
    describe(kind, name, text, tell) {
      const section = sections.of(name);
      sections.enter(section, tell);
      if (section.parts !== undefined) return tell(`${kind} of ${name} behind its samples`);
      if (kind === 'help') section.help = text;
      else if (kind === 'unit') section.unit = text;
      else if (section.type !== undefined) tell(`the TYPE of ${name} twice`);
      else if (Object.hasOwn(suffixes, text)) section.type = text;
      else tell(`unknown type ${text}`);
    },
    sample(line, tell) {
      const [section, suffix] = ownerOf(line.name);
      sections.enter(section, tell);
      if (owns(section, line.name) === undefined) {
        return tell(`a ${section.type} has no sample ${line.name}`);
      }
      section.parts ??= openParts(
        collector,
        { ...section, type: section.type ?? anyType },
        options,
      );
      section.parts.take(suffix, line, tell);
    },
    finish() {
      for (const { parts } of sections.all()) parts?.finish();
    },
  };
}

/** The sections of a page, and the one that lines belong to now. */
function createSections() {
  const sections = new Map<string, Section>();
  let current: Section | undefined;
  return {
    current: () => current,
    get: (name: string) => sections.get(name),
    all: () => sections.values(),
    of(name: string): Section {
      let section = sections.get(name);
      if (section === undefined) {
        const blank = { type: undefined, help: '', unit: undefined, parts: undefined, left: false };
        section = { name, ...blank };
        sections.set(name, section);
      }
      return section;
    },
    enter(section: Section, tell: Tell): void {
      if (section === current) return;
      if (section.left) tell(`the lines of ${section.name} do not stand together`);
      if (current !== undefined) current.left = true;
      current = section;
    },
  };
}

function stems(name: string): string[] {
  const found = /^(.*)_(?:total|created|bucket|sum|count|gsum|gcount|info)$/s.exec(name);
  return found?.[1] ? [name, found[1]] : [name];
}
