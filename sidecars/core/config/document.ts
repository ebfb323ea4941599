import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { ConfigError, type Problem } from '../errors.ts';

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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problemAtOffset = (offset: number, path: readonly PathKey[], message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return {
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: formatPath(path),
      message,
    };
  };
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ pos, message, code }) =>
        problemAtOffset(pos[0], [], explainSyntax(code, message)),
      ),
    );
  }
  return {
    document,
    problemAt: (path, message) => problemAtOffset(locate(document, path).value, path, message),
    problemAtKey: (path, message) => problemAtOffset(locate(document, path).key, path, message),
  };
}

function explainSyntax(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands here twice; remove one of them';
  if (code === 'TAB_AS_INDENT') return 'indented with a tab; YAML indents with spaces';
  return message.split('\n', 1)[0] ?? message;
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
