import type { Candidate, CandidateNode } from './candidate.ts';
import { isTypedLeaf, mapLabel } from './containers.ts';
import { labelName } from './names.ts';
import { draftScalar } from './scalars.ts';
import type { Scope } from './scope.ts';
import { mergeShapes, type Shape } from './shape.ts';
import { draftTypedLeaf } from './typed-leaf.ts';
import { singular, splitWords } from './words.ts';

export interface MapPlace {
  /** Path to the map; empty when the document is the map. */
  readonly path: string;
  readonly place: string;
}

/** The metrics of a map: its keys become a label. */
export function draftMap(
  scope: Scope,
  { path, place }: MapPlace,
  shape: Shape,
  draftFields: (scope: Scope, shape: Shape) => CandidateNode[],
): CandidateNode[] {
  const keys = [...(shape.fields?.keys() ?? [])];
  const label = labelName(splitWords(mapLabel(scope.words, keys)), scope.labels);
  const entry = mergeShapes(shape.fields?.values() ?? []);
  const plain = entry.fields === undefined || isTypedLeaf(entry);
  const inside = scope.rows(`${place}.*`, plain ? scope.words : oneOf(scope.words), [label]);
  const nodes = plain
    ? draftEntry({ inside, place: `${place}.*`, around: scope.words }, entry)
    : draftFields(inside, entry);
  if (nodes.length === 0) return [];
  const each = path === '' ? '*' : `${path}.*`;
  const note = `a map: its ${keys.length} keys are the label "${label}"`;
  return [{ kind: 'each', each, labels: { [label]: '$key' }, note, nodes }];
}

function oneOf(words: readonly string[]): readonly string[] {
  const last = words.at(-1);
  return last === undefined ? [] : [...words.slice(0, -1), singular(last)];
}

interface EntryPlace {
  readonly inside: Scope;
  readonly place: string;
  /** Words of the map, which are the words of its entries. */
  readonly around: readonly string[];
}

/** The number that is itself the entry of a map. */
function draftEntry({ inside, place, around }: EntryPlace, entry: Shape): Candidate[] {
  // requests_by_status{status="200"} are requests.
  const by = around.indexOf('by');
  const words = by > 0 ? around.slice(0, by) : around;
  if (isTypedLeaf(entry)) return [draftTypedLeaf({ place, words, value: 'value' }, entry)];
  const outer: Scope = {
    ...inside,
    words: words.slice(0, -1),
    pathOf: () => '.',
    placeOf: () => place,
  };
  const node = draftScalar(outer, words.at(-1) ?? 'value', entry);
  return node === undefined ? [] : [node];
}
