import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../errors.ts';
import { parseYaml } from './syntax.ts';

export type PathKey = string | number;

/** A parsed YAML document that still knows where everything stands in its file. */
export interface SourceDocument {
  readonly document: Document.Parsed;
  /** A problem at the value under `path`, or at the nearest place above it that exists. */
  problemAt(path: readonly PathKey[], message: string): Problem;
  /** A problem at the key that `path` ends in. */
  problemAtKey(path: readonly PathKey[], message: string): Problem;
}

/**
 * Parses YAML 1.2 with merge keys.
 * @throws ConfigError with every syntax error and duplicate key of the text
 */
export function parseSource(text: string, file: string): SourceDocument {
  const { document, problemAtOffset } = parseYaml(text, file);
  const problem = (offset: number, path: readonly PathKey[], message: string) =>
    problemAtOffset(offset, formatPath(path), message);
  return {
    document,
    problemAt: (path, message) => problem(locate(document, path).value, path, message),
    problemAtKey: (path, message) => problem(locate(document, path).key, path, message),
  };
}

/** `["sources", "app", "metrics", 2]` as `sources.app.metrics[2]`; odd keys are quoted. */
export function formatPath(path: readonly PathKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[\w$-]+$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

interface Place {
  readonly key: number;
  readonly value: number;
}

function locate(document: Document.Parsed, path: readonly PathKey[]): Place {
  let node: Node | null = document.contents;
  let place: Place = { key: startOf(node), value: startOf(node) };
  for (const step of path) {
    const found = child(document, node, step);
    if (found === undefined) break;
    node = found.node;
    place = { key: found.key, value: node === null ? found.key : startOf(node) };
  }
  return place;
}

function child(
  document: Document.Parsed,
  parent: Node | null,
  step: PathKey,
): { node: Node | null; key: number } | undefined {
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { node: item, key: startOf(item) } : undefined;
  }
  return isMap(node) ? pairIn(document, node, String(step)) : undefined;
}

function pairIn(
  document: Document.Parsed,
  map: YAMLMap,
  name: string,
): { node: Node | null; key: number } | undefined {
  for (const pair of map.items) {
    if (isPair(pair) && isScalar(pair.key) && String(pair.key.value) === name) {
      return { node: isNode(pair.value) ? pair.value : null, key: startOf(pair.key) };
    }
  }
  for (const { key, value } of map.items) {
    if (!isScalar(key) || key.value !== '<<' || !isAlias(value)) continue;
    const found = child(document, value, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
