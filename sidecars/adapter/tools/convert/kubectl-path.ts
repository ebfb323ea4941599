/** One step of a kubectl JSONPath expression. */
export type KubectlStep =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'slice'; readonly text: string }
  | { readonly kind: 'union'; readonly members: readonly (string | number)[] }
  | { readonly kind: 'recursive'; readonly name: string | undefined }
  | { readonly kind: 'filter'; readonly filter: KubectlFilter };

/** `?(@.state == "ACTIVE")`, or `?(@.state)` for whatever has it. */
export interface KubectlFilter {
  readonly path: readonly KubectlStep[];
  readonly operator?: string;
  readonly literal?: string | number | boolean;
}

/** A template: text, and expressions in braces. */
export type KubectlPart = string | readonly KubectlStep[];

/** Where a template could not be read; `at` counts characters from 0. */
export class KubectlPathError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'KubectlPathError';
    this.at = at;
  }
}

/**
 * Reads a template of kubectl's JSONPath dialect: `planet-{.location}`,
 * `{ .values[?(@.state == "ACTIVE")].count }`.
 * @see https://kubernetes.io/docs/reference/kubectl/jsonpath/
 * @throws KubectlPathError
 */
export function parseKubectlTemplate(text: string): KubectlPart[] {
  const parts: KubectlPart[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open !== at) parts.push(text.slice(at, open === -1 ? undefined : open));
    if (open === -1) break;
    const close = findClose(text, open);
    parts.push(readExpression(text.slice(open + 1, close), open + 1));
    at = close + 1;
  }
  return parts;
}

/** The brace that ends an expression; braces in quotes do not. */
function findClose(text: string, open: number): number {
  let quote: string | undefined;
  for (let at = open + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\') at += 1;
    else if (quote !== undefined) quote = sign === quote ? undefined : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '}') return at;
  }
  throw new KubectlPathError('a "}" is missing', open);
}

function readExpression(text: string, offset: number): KubectlPart {
  const trimmed = text.trim();
  if (/^(range\s|end$)/.test(trimmed)) {
    throw new KubectlPathError('range and end have no counterpart in a value', offset);
  }
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed);
  if (quoted !== null) return unquote(quoted[2] ?? '');
  return readSteps(text, offset);
}

const stepPattern =
  /\s*(?:(?<recursive>\.\.)(?<below>[^\s.[\]{}()*]+|\*)?|(?<root>[$@])|\.?\[\s*(?:(?<star>\*)|(?<index>-?\d+)|(?<slice>-?\d*:-?\d*(?::-?\d*)?)|'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)"|\?\((?<filter>(?:[^()"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*)\)|(?<union>[^\]]*,[^\]]*))\s*\]|\.(?<all>\*)|\.?(?<name>(?:[^\s.[\]{}()'"*,\\]|\\.)+)|(?<end>\.?\s*$))/y;

function readSteps(text: string, offset: number): KubectlStep[] {
  const steps: KubectlStep[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    stepPattern.lastIndex = at;
    const groups = stepPattern.exec(text)?.groups;
    if (groups === undefined) {
      const rest = text.slice(at).trim();
      throw new KubectlPathError(`cannot read the path from "${rest}"`, offset + at);
    }
    const next = stepPattern.lastIndex; // read before a filter inside moves it
    const step = toStep(groups, offset + at);
    if (step !== undefined) steps.push(step);
    at = next;
  }
  return steps;
}

function toStep(
  groups: Readonly<Record<string, string | undefined>>,
  offset: number,
): KubectlStep | undefined {
  const { recursive, below, star, all, index, slice, single, double, filter, union, name } = groups;
  if (recursive !== undefined)
    return { kind: 'recursive', name: below === '*' ? undefined : below };
  if (star !== undefined || all !== undefined) return { kind: 'all' };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (slice !== undefined) return { kind: 'slice', text: slice };
  if (filter !== undefined) return { kind: 'filter', filter: readFilter(filter, offset) };
  if (union !== undefined) return { kind: 'union', members: union.split(',').map(readMember) };
  const field = single ?? double ?? name;
  return field === undefined ? undefined : { kind: 'field', name: unquote(field) };
}

function readMember(text: string): string | number {
  const trimmed = text.trim();
  if (/^-?\d+$/.test(trimmed)) return Number(trimmed);
  return unquote(trimmed.replace(/^(["'])(.*)\1$/s, '$2'));
}

function readFilter(text: string, offset: number): KubectlFilter {
  const compared = /^\s*(@.*?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/s.exec(text);
  const [, left = text.trim(), operator, right] = compared ?? [];
  if (!left.startsWith('@') || /&&|\|\|/.test(text)) {
    throw new KubectlPathError(`cannot read the filter "${text}"`, offset);
  }
  const path = readSteps(left, offset);
  if (operator === undefined || right === undefined) return { path };
  return { path, operator, literal: readLiteral(right, offset) };
}

function readLiteral(text: string, offset: number): string | number | boolean {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted !== null) return unquote(quoted[2] ?? '');
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  throw new KubectlPathError(`cannot compare with "${text}"; put a text in quotes`, offset);
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
