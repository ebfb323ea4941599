import {
  isAlias,
  isCollection,
  isPair,
  isScalar,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** Where the first `-` of a block sequence stands. */
export function firstDash(seq: YAMLSeq): number {
  const token = seq.srcToken;
  if (token?.type === 'block-seq') {
    for (const { start } of token.items) {
      const dash = start.find(({ type }) => type === 'seq-item-ind');
      if (dash !== undefined) return dash.offset;
    }
  }
  return seq.range?.[0] ?? 0;
}

export function startOf(map: YAMLMap): number {
  const key = map.items[0]?.key;
  return (isScalar(key) ? key.range?.[0] : undefined) ?? map.range?.[0] ?? 0;
}

/** The offset behind the last thing that is written in the node. */
export function endOf(node: unknown): number {
  if (isPair(node)) return isNull(node.value) ? endOfNull(node) : endOf(node.value);
  if (isCollection(node) && node.flow !== true) return endOf(node.items.at(-1));
  const range = isScalar(node) || isAlias(node) || isCollection(node) ? node.range : undefined;
  return range?.[1] ?? 0;
}

function endOfNull({ key, value }: Pair): number {
  const own = isScalar(value) && value.source ? value.range?.[1] : undefined;
  return own ?? (isScalar(key) ? key.range?.[1] : undefined) ?? 0;
}

export function lineOf(source: string, offset: number): number {
  return source.lastIndexOf('\n', offset - 1) + 1;
}

export function columnOf(source: string, offset: number): number {
  return offset - lineOf(source, offset);
}

export function lineAfter(source: string, offset: number): number {
  if (source[offset - 1] === '\n') return offset;
  const next = source.indexOf('\n', offset);
  return next === -1 ? source.length : next + 1;
}

export function isNull(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

/** Whether the last thing in a flow collection is a comma, as in `[a, b,]`. */
export function endsWithComma(node: YAMLMap | YAMLSeq): boolean {
  const token = node.srcToken;
  const last = token?.type === 'flow-collection' ? token.items.at(-1) : undefined;
  if (last === undefined || last.key || last.value) return false;
  return last.start.some(({ type }) => type === 'comma');
}
