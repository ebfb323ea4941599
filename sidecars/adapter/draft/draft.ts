import {
  type Candidate,
  type CandidateNode,
  createMemory,
  type Memory,
  nameCandidates,
} from './candidate.ts';
import { isMap, isTypedLeaf, mapLabel } from './containers.ts';
import { draftHistogram, draftSummary } from './distributions.ts';
import { appendWords, labelName } from './names.ts';
import { draftList } from './rows.ts';
import { draftScalar } from './scalars.ts';
import { createScope, describePlace, type Omission, type Scope } from './scope.ts';
import { mergeShapes, type Shape } from './shape.ts';
import { singular, splitWords } from './words.ts';
import { type DraftedNode, write } from './write.ts';

/** More metrics than this help nobody, and a document that grows new ones must not grow the page. */
const maxMetrics = 2000;
const maxDepth = 12;

export interface Draft {
  readonly nodes: readonly DraftedNode[];
  readonly omissions: readonly Omission[];
}

export interface DraftOptions {
  /** In front of every name. */
  readonly prefix?: string;
  /** Decisions made before, which hold; filled with those made now. */
  readonly memory?: Memory;
}

/** Drafts a mapping of documents of the given shape. The same shape always gives the same draft. */
export function draftMapping(shape: Shape, options: DraftOptions = {}): Draft {
  const { prefix = '', memory = createMemory() } = options;
  const omissions: Omission[] = [];
  const scope = createScope(memory, omissions);
  const nodes = limit(draftRoot(scope, shape), maxMetrics, omissions);
  return { nodes: write(nodes, nameCandidates(nodes, prefix, memory)), omissions };
}

function draftRoot(scope: Scope, shape: Shape): CandidateNode[] {
  const nodes: CandidateNode[] = [];
  if (shape.rows !== undefined) {
    nodes.push(...draftList(scope, { path: '', place: '[]', words: [] }, shape.rows, draftFields));
  }
  if (shape.fields === undefined) return nodes;
  if (knownMap(scope, '', shape)) nodes.push(...draftMap(scope, '', '', shape));
  else nodes.push(...draftFields(scope, shape));
  return nodes;
}

/** Everything in one object: a node for each of its fields, and an info of its texts. */
function draftFields(scope: Scope, shape: Shape): CandidateNode[] {
  const summary = draftSummary(scope, shape);
  const nodes: CandidateNode[] = summary === undefined ? [] : [summary.candidate];
  for (const [key, field] of shape.fields ?? []) {
    if (!summary?.used.has(key)) nodes.push(...draftField(scope, key, field));
  }
  const info = draftInfo(scope);
  return info === undefined ? nodes : [info, ...nodes];
}

function draftField(scope: Scope, key: string, shape: Shape): CandidateNode[] {
  const nodes: CandidateNode[] = [];
  const scalar = draftScalar(scope, key, shape);
  if (scalar !== undefined) nodes.push(scalar);
  const words = appendWords(scope.words, splitWords(key));
  const path = scope.pathOf(key);
  const place = scope.placeOf(key);
  if (shape.rows !== undefined) {
    nodes.push(...draftList(scope, { path, place, words }, shape.rows, draftFields));
  }
  if (shape.fields === undefined) return nodes;
  if (scope.depth >= maxDepth) scope.skip(key, 'nested too deeply');
  else nodes.push(...draftObject(scope, key, shape, words));
  return nodes;
}

function draftObject(
  scope: Scope,
  key: string,
  shape: Shape,
  words: readonly string[],
): CandidateNode[] {
  if (isTypedLeaf(shape)) return [draftTypedLeaf(scope, key, shape)];
  const histogram = draftHistogram(scope, key, shape);
  if (histogram !== undefined) return [histogram];
  const inside = scope.into(key, words);
  // Percentiles look like a map from numbers to numbers, and are not one.
  if (draftSummary(inside, shape) === undefined && knownMap(inside, scope.placeOf(key), shape)) {
    return draftMap(inside, scope.pathOf(key), scope.placeOf(key), shape);
  }
  return draftFields(inside, shape);
}

/** Once an object was taken for a map, or for names, it stays one. */
function knownMap({ memory, words }: Scope, place: string, shape: Shape): boolean {
  const known = memory.maps.get(place);
  const decided = known ?? isMap(words, shape);
  memory.maps.set(place, decided);
  return decided;
}

function draftMap(scope: Scope, path: string, place: string, shape: Shape): CandidateNode[] {
  const entries = [...(shape.fields ?? [])];
  const label = labelName(
    splitWords(
      mapLabel(
        scope.words,
        entries.map(([key]) => key),
      ),
    ),
    scope.labels,
  );
  const last = scope.words.at(-1);
  const words = last === undefined ? [] : [...scope.words.slice(0, -1), singular(last)];
  const entry = mergeShapes(entries.map(([, field]) => field));
  // The sum over entries keeps its name: requests_by_status{status="200"} are requests.
  const by = scope.words.indexOf('by');
  const inside = scope.rows(`${place}.*`, entry.fields === undefined ? scope.words : words, [
    label,
  ]);
  const nodes =
    entry.fields === undefined
      ? [draftEntry(`${place}.*`, by > 0 ? scope.words.slice(0, by) : scope.words, inside, entry)]
      : draftFields(inside, entry);
  const filled = nodes.filter((node) => node !== undefined);
  if (filled.length === 0) return [];
  const each = path === '' ? '*' : `${path}.*`;
  const note = `a map: its ${entries.length} keys are the label "${label}"`;
  return [{ kind: 'each', each, labels: { [label]: '$key' }, note, nodes: filled }];
}

/** The number that is itself the entry of a map: the words come from around it. */
function draftEntry(
  place: string,
  words: readonly string[],
  scope: Scope,
  shape: Shape,
): Candidate | undefined {
  const outer: Scope = {
    ...scope,
    words: words.slice(0, -1),
    pathOf: () => '.',
    placeOf: () => place,
  };
  return draftScalar(outer, words.at(-1) ?? 'value', shape);
}

function draftTypedLeaf(scope: Scope, key: string, shape: Shape): Candidate {
  const counter = shape.fields?.get('type')?.texts?.examples.has('counter') === true;
  const described = ['desc', 'description', 'help'].map((name) => shape.fields?.get(name)?.texts);
  const [help] = described.flatMap((texts) => [...(texts?.examples ?? [])]);
  return {
    kind: 'metric',
    type: counter ? 'counter' : 'gauge',
    place: scope.placeOf(key),
    words: appendWords(scope.words, splitWords(key)),
    unit: undefined,
    help: help?.replace(/\s+/g, ' ') || describePlace(scope.placeOf(key)),
    fields: { value: scope.into(key, []).pathOf('value') },
    note: 'the app says its type',
  };
}

function draftInfo(scope: Scope): Candidate | undefined {
  if (scope.described.size === 0) return undefined;
  return {
    kind: 'metric',
    type: 'info',
    place: scope.placeOf('info'),
    words: scope.words.length === 0 ? ['app'] : scope.words,
    unit: undefined,
    help: 'What it says about itself in words.',
    fields: { labels: Object.fromEntries(scope.described) },
    note: 'texts that tell what runs, as labels',
  };
}

function limit(
  nodes: readonly CandidateNode[],
  most: number,
  omissions: Omission[],
): CandidateNode[] {
  let left = most;
  const visit = (list: readonly CandidateNode[]): CandidateNode[] =>
    list.flatMap((node): CandidateNode[] => {
      if (node.kind === 'each') {
        const inner = visit(node.nodes);
        return inner.length === 0 ? [] : [{ ...node, nodes: inner }];
      }
      left -= 1;
      if (left >= 0) return [node];
      omissions.push({ place: node.place, why: `more than ${most} metrics` });
      return [];
    });
  return visit(nodes);
}
