import type { Candidate, CandidateNode } from './candidate.ts';
import { rowKey } from './containers.ts';
import { labelName } from './names.ts';
import { draftScalar } from './scalars.ts';
import type { Scope } from './scope.ts';
import type { RowFacts, Shape } from './shape.ts';
import { singular, splitWords } from './words.ts';

/** A list of plain numbers longer than this is a ring buffer or a chart, not so many metrics. */
const maxPlainNumbers = 16;

export interface ListPlace {
  /** Path to the list; empty when the document is the list. */
  readonly path: string;
  readonly place: string;
  readonly words: readonly string[];
}

/** The metrics of a list: rows labelled by the field that tells them apart, or by their number. */
export function draftList(
  scope: Scope,
  { path, place, words }: ListPlace,
  rows: RowFacts,
  draftFields: (scope: Scope, shape: Shape) => CandidateNode[],
): CandidateNode[] {
  const { item, longest } = rows;
  if (item.rows !== undefined) return draftTable(scope, { path, place, words }, rows, draftFields);
  if (item.fields === undefined) return draftNumbers(scope, { path, place, words }, rows);
  const key = rowKey(rows);
  const labels: Record<string, unknown> = {};
  if (key !== undefined) {
    const name = keyLabel(words, key.field, scope.labels);
    labels[name] = scope.rows(place, [], []).pathOf(key.field);
  }
  if (key?.unique !== true) {
    labels[labelName(['index'], new Set([...scope.labels, ...Object.keys(labels)]))] = '$index';
  }
  const last = words.at(-1);
  const inside = scope.rows(
    `${place}[*]`,
    last === undefined ? [] : [...words.slice(0, -1), singular(last)],
    Object.keys(labels),
  );
  const nodes = draftFields(inside, withoutKey(item, key?.field));
  if (nodes.length === 0) return [];
  const told =
    key === undefined
      ? 'nothing tells them apart but their number'
      : `told apart by "${key.field}"`;
  const note = `a list, ${longest} rows at most so far, ${told}`;
  const rule = { kind: 'each', each: `${path}[*]`, labels, note, nodes } as const;
  if (key?.partial !== true) return [rule];
  return [{ ...rule, where: `${scope.rows(place, [], []).pathOf(key.field)} != null` }];
}

/** A list of lists: both are numbered, for nothing else tells them apart. */
function draftTable(
  scope: Scope,
  { path, place, words }: ListPlace,
  { item, longest }: RowFacts,
  draftFields: (scope: Scope, shape: Shape) => CandidateNode[],
): CandidateNode[] {
  const inner = item.rows;
  if (inner === undefined || (inner.item.fields === undefined && longest > maxPlainNumbers))
    return [];
  const label = labelName(['index'], scope.labels);
  const inside = scope.rows(`${place}[*]`, words, [label]);
  const nodes = draftList(inside, { path: '', place: `${place}[*]`, words }, inner, draftFields);
  if (nodes.length === 0) return [];
  const note = `a list of lists, ${longest} at most so far`;
  return [{ kind: 'each', each: `${path}[*]`, labels: { [label]: '$index' }, note, nodes }];
}

/** `queues[].name` is better called `queue` than `name`, which says nothing in a join. */
function keyLabel(words: readonly string[], field: string, used: ReadonlySet<string>): string {
  const own = splitWords(field);
  const last = words.at(-1);
  const vague =
    own.length === 1 && /^(name|id|key|uuid|label|title|index|number)$/.test(own[0] ?? '');
  return labelName(vague && last !== undefined ? [singular(last)] : own, used);
}

function withoutKey(shape: Shape, field: string | undefined): Shape {
  if (field === undefined) return shape;
  const fields = new Map(shape.fields);
  fields.delete(field);
  return { ...shape, fields };
}

function draftNumbers(
  scope: Scope,
  { path, place, words }: ListPlace,
  { item, longest }: RowFacts,
): CandidateNode[] {
  if (item.numbers === undefined || longest > maxPlainNumbers) return [];
  const load = words.includes('load') && longest === 3;
  const label = labelName([load ? 'window' : 'index'], scope.labels);
  const value: unknown = load
    ? { value: '$index', map: { '0': '1m', '1': '5m', '2': '15m' } }
    : '$index';
  const inside: Scope = {
    ...scope.rows(`${place}[*]`, words.slice(0, -1), [label]),
    pathOf: () => '.',
    placeOf: () => `${place}[*]`,
  };
  const node: Candidate | undefined = draftScalar(inside, words.at(-1) ?? 'value', item);
  if (node === undefined) return [];
  const note = load ? 'the load over 1, 5 and 15 minutes' : 'a short list of numbers';
  return [{ kind: 'each', each: `${path}[*]`, labels: { [label]: value }, note, nodes: [node] }];
}
