import {
  type Candidate,
  type CandidateNode,
  createMemory,
  type Memory,
  nameCandidates,
} from './candidate.ts';
import { isMap, isTypedLeaf } from './containers.ts';
import { draftHistogram, draftSummary } from './distributions.ts';
import { draftMap } from './maps.ts';
import { appendWords } from './names.ts';
import { draftList } from './rows.ts';
import { draftScalar } from './scalars.ts';
import { createScope, type Omission, type Scope } from './scope.ts';
import type { Shape } from './shape.ts';
import { draftTypedLeaf } from './typed-leaf.ts';
import { splitWords } from './words.ts';
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
  if (knownMap(scope, '', shape))
    nodes.push(...draftMap(scope, { path: '', place: '' }, shape, draftFields));
  else nodes.push(...draftFields(scope, shape));
  return nodes;
}

/** Everything in one object: a node for each of its fields, and an info of its texts. */
function draftFields(scope: Scope, shape: Shape): CandidateNode[] {
  const summary = draftSummary(scope, shape);
  const nodes: CandidateNode[] = summary === undefined ? [] : [summary.candidate];
  const keys = [...(shape.fields?.keys() ?? [])];
  const siblings = new Set(keys.map((key) => splitWords(key).join(' ')));
  for (const [key, field] of shape.fields ?? []) {
    if (!summary?.used.has(key)) nodes.push(...draftField(scope, key, field, siblings));
  }
  const info = draftInfo(scope);
  return info === undefined ? nodes : [info, ...nodes];
}

function draftField(
  scope: Scope,
  key: string,
  shape: Shape,
  siblings: ReadonlySet<string>,
): CandidateNode[] {
  const nodes: CandidateNode[] = [];
  const scalar = draftScalar(scope, key, shape, siblings);
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
  if (isTypedLeaf(shape)) {
    const value = scope.into(key, []).pathOf('value');
    return [draftTypedLeaf({ place: scope.placeOf(key), words, value }, shape)];
  }
  const histogram = draftHistogram(scope, key, shape);
  if (histogram !== undefined) return [histogram];
  const inside = scope.into(key, words);
  // Percentiles look like a map from numbers to numbers, and are not one.
  if (draftSummary(inside, shape) === undefined && knownMap(inside, scope.placeOf(key), shape)) {
    const at = { path: scope.pathOf(key), place: scope.placeOf(key) };
    return draftMap(inside, at, shape, draftFields);
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
