import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { PodmatesError } from '../../core/errors.ts';
import type { Json, JsonMap } from './containers.ts';
import { type Edit, flowEdit, linesEdit, replaceEdit } from './marks.ts';
import {
  columnOf,
  endOf,
  endsWithComma,
  firstDash,
  isNull,
  lineAfter,
  lineOf,
  startOf,
} from './offsets.ts';

/** One parsed document and the text it came from; finds the places where text must be put in. */
export interface Editor {
  /** Puts entries into the list under the key, which is made when there is none. */
  addItems(map: YAMLMap, key: string, items: readonly JsonMap[], where: 'first' | 'last'): Edit[];
  /** Puts pairs into the map under the key; a scalar already there under the same name is replaced. */
  addPairs(map: YAMLMap, key: string, pairs: Readonly<Record<string, string>>): Edit[];
  /** Puts a key that is not there into the map. */
  addKey(map: YAMLMap, key: string, value: JsonMap): Edit[];
  /** The map under the key, or undefined when there is none. */
  mapAt(map: YAMLMap, key: string): YAMLMap | undefined;
  seqAt(map: YAMLMap, key: string): YAMLSeq | undefined;
}

/** @param place what the errors begin with: the file */
export function createEditor(source: string, document: Document, place: string): Editor {
  const fail = failAt(source, place);
  const ownValue = ownValueIn(document, fail);
  const addKeys = (map: YAMLMap, pairs: readonly (readonly [string, Json])[]): Edit[] => {
    if (map.flow === true) {
      const text = pairs.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ');
      return [intoFlow(source, map, text)];
    }
    const lines = yamlLines(Object.fromEntries(pairs));
    return [
      linesEdit(source, lineAfter(source, endOf(map)), columnOf(source, startOf(map)), lines),
    ];
  };
  const fill = (map: YAMLMap, pair: Pair, value: Json): Edit[] => {
    const { key, value: old } = pair;
    if (!isScalar(key)) return [];
    if (map.flow === true) fail(key, `${String(key.value)} is null; leave the key out`);
    const explicit = isScalar(old) && old.source ? [replaceEdit(old.range?.[0] ?? 0, '')] : [];
    const at = lineAfter(source, key.range?.[1] ?? 0);
    const indent = columnOf(source, key.range?.[0] ?? 0) + 2;
    return [...explicit, linesEdit(source, at, indent, yamlLines(value))];
  };
  return {
    addItems(map, key, items, where) {
      const pair = ownValue(map, key);
      if (pair === undefined) return addKeys(map, [[key, items]]);
      const seq = pair.value;
      if (isNull(seq)) return fill(map, pair, items);
      if (!isSeq(seq)) return fail(map, `${key} is not a list`);
      const text = items.map((item) => JSON.stringify(item)).join(', ');
      if (seq.flow === true) return [intoFlow(source, seq, text)];
      const dash = firstDash(seq);
      const at = where === 'first' ? lineOf(source, dash) : lineAfter(source, endOf(seq));
      const indent = columnOf(source, dash);
      // A list may stand no deeper than its key, whose neighbours come after it all the same.
      return [linesEdit(source, at, indent, yamlLines(items), indent + 0.5)];
    },
    addPairs(map, key, pairs) {
      const pair = ownValue(map, key);
      if (pair === undefined) return addKeys(map, [[key, pairs]]);
      if (isNull(pair.value)) return fill(map, pair, pairs);
      if (!isMap(pair.value)) return fail(map, `${key} is not a map`);
      const target = pair.value;
      const added = Object.entries(pairs).filter(([name]) => ownValue(target, name) === undefined);
      const replaced = Object.entries(pairs).flatMap(([name, value]) => {
        const old = ownValue(target, name)?.value;
        if (old === undefined) return [];
        if (!isScalar(old) || target.flow === true || isBlockScalar(source, old)) {
          return fail(target, `${name} is there already; take it out`);
        }
        return String(old.value) === value
          ? []
          : [replaceEdit(old.range?.[0] ?? 0, JSON.stringify(value))];
      });
      return added.length === 0 ? replaced : [...replaced, ...addKeys(target, added)];
    },
    addKey: (map, key, value) => addKeys(map, [[key, value]]),
    mapAt(map, key) {
      const value = ownValue(map, key)?.value;
      return isMap(value) ? value : undefined;
    },
    seqAt(map, key) {
      const value = ownValue(map, key)?.value;
      return isSeq(value) ? value : undefined;
    },
  };
}

type Fail = (node: Node | null | undefined, reason: string) => never;

function failAt(source: string, place: string): Fail {
  return (node, reason) => {
    const line = source.slice(0, node?.range?.[0] ?? 0).split('\n').length;
    throw new PodmatesError('ERR_USAGE', `${place}:${line}: ${reason}`);
  };
}

/** Finds the pair of a key whose value is written out there and belongs to nobody else. */
function ownValueIn(document: Document, fail: Fail) {
  const shared = sharedAnchors(document);
  return (map: YAMLMap, key: string): Pair | undefined => {
    const pair = findPair(map, key);
    if (pair === undefined && hasMerge(map) && Object.hasOwn(map.toJS(document), key)) {
      fail(map, `${key} comes from a merge (<<); write it out here, so that it can be added to`);
    }
    const value = pair?.value;
    if (isAlias(value)) fail(value, `${key} is the alias *${value.source}; write it out here`);
    if (isCollection(value) && value.anchor !== undefined && shared.has(value.anchor)) {
      fail(value, `${key} is shared as *${value.anchor}; give this one a copy of its own`);
    }
    return pair;
  };
}

function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function hasMerge(map: YAMLMap): boolean {
  return map.items.some(({ key }) => isScalar(key) && key.source === '<<');
}

function sharedAnchors(document: Document): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, { Alias: (_key, alias) => void names.add(alias.source) });
  return names;
}

function isBlockScalar(source: string, node: Node): boolean {
  const [start = 0, end = 0] = node.range ?? [];
  return source.slice(start, end).includes('\n');
}

function intoFlow(source: string, node: YAMLMap | YAMLSeq, text: string): Edit {
  const at = (node.range?.[1] ?? 1) - 1;
  const comma = node.items.length === 0 || endsWithComma(node) ? '' : ', ';
  const line = source.slice(lineOf(source, node.range?.[0] ?? 0));
  const indent = (/^ */.exec(line)?.[0].length ?? 0) + 4;
  return flowEdit(source, at, indent, comma + text);
}

function yamlLines(value: Json): string[] {
  return stringify(value, { lineWidth: 0 }).trimEnd().split('\n');
}
