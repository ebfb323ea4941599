import { metricName, type NamedType } from './names.ts';
import type { Unit } from './units.ts';
import { splitWords } from './words.ts';
import type { WrittenRule } from './written.ts';

/** A metric that the draft wants, before it is known whether its name is free. */
export interface Candidate {
  readonly kind: 'metric';
  readonly type: NamedType;
  /** Place in the document, the same in every sample; keys of maps and rows stand as `*`. */
  readonly place: string;
  readonly words: readonly string[];
  readonly unit: Unit | undefined;
  readonly help: string;
  /** The keys of the rule beside its type and help. */
  readonly fields: WrittenRule;
  /** Why it became what it is; a comment in the config. */
  readonly note: string;
}

/** Rules for the rows of an array or the members of an object. */
export interface CandidateRows {
  readonly kind: 'each';
  readonly each: string;
  /** Only these rows. */
  readonly where?: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly note: string;
  readonly nodes: readonly CandidateNode[];
}

export type CandidateNode = Candidate | CandidateRows;

/** What a drafter keeps from one document to the next, so that no name ever changes. */
export interface Memory {
  /** Name of a metric by its place. */
  readonly names: Map<string, string>;
  /** Whether an object is a map, by its place. */
  readonly maps: Map<string, boolean>;
}

export function createMemory(): Memory {
  return { names: new Map(), maps: new Map() };
}

/**
 * Gives every candidate a name that no other has, in the order of their places, so that the order
 * in which an app writes its fields changes nothing.
 */
export function nameCandidates(
  nodes: readonly CandidateNode[],
  prefix: string,
  memory: Memory,
): ReadonlyMap<Candidate, string> {
  const names = new Map<Candidate, string>();
  const used = new Set<string>();
  const sorted = [...flatten(nodes)].sort((a, b) => order(a.place, b.place));
  const claim = (candidate: Candidate, name: string) => {
    names.set(candidate, name);
    memory.names.set(`${candidate.type} ${candidate.place}`, name);
    used.add(name);
  };
  for (const candidate of sorted) {
    const known = memory.names.get(`${candidate.type} ${candidate.place}`);
    if (known !== undefined) claim(candidate, known);
  }
  for (const candidate of sorted) {
    if (names.has(candidate)) continue;
    const { type, words, unit } = candidate;
    let name = prefix + metricName(type, words, unit);
    for (let count = 1; used.has(name); count++) {
      name = prefix + metricName(type, splitWords(candidate.place), unit, count);
    }
    claim(candidate, name);
  }
  return names;
}

/** The plain total before the breakdown of the same name by something. */
function order(a: string, b: string): number {
  const stars = a.split('*').length - b.split('*').length;
  if (stars !== 0) return stars;
  return a < b ? -1 : 1;
}

function* flatten(nodes: readonly CandidateNode[]): Generator<Candidate> {
  for (const node of nodes) {
    if (node.kind === 'metric') yield node;
    else yield* flatten(node.nodes);
  }
}
