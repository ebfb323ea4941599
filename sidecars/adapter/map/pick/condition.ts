import { compileLinearRegex } from '../../../core/linear-regex/compile.ts';
import { isPlural, type Path, parsePath } from './path.ts';

/** What `where:` says, as a tree. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly sides: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'holds'; readonly path: Path }
  | {
      readonly kind: 'compare';
      readonly path: Path;
      readonly operator: Operator;
      readonly literal: Literal;
    };

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~';
export type Literal = string | number | boolean | null;

const tokenPattern =
  /\s*(?:(?<operator>==|!=|<=|>=|=~|!~|<|>)|(?<paren>[()])|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|(?<path>(?:[^\s()[\]"'=!<>]|\["(?:[^"\\]|\\.)*"\]|\['(?:[^'\\]|\\.)*'\]|\[[^\]"']*\])+))/y;

type Token = Readonly<Record<string, string | undefined>>;

/**
 * Reads a condition: `enabled == true`, `state != "idle" and not (size < 10 or name =~ "^tmp")`.
 * A path alone holds when its value is there and not null, false, 0 or "".
 *
 * @throws Error that says what is wrong with it
 */
export function parseCondition(text: string): Condition {
  const tokens = tokenize(text);
  let at = 0;
  const word = (name: string) => {
    if (tokens[at]?.['path'] !== name) return false;
    at += 1;
    return true;
  };
  const chain = (kind: 'and' | 'or', next: () => Condition): Condition => {
    const sides = [next()];
    while (word(kind)) sides.push(next());
    const [only] = sides;
    return sides.length === 1 && only ? only : { kind, sides };
  };
  const either = (): Condition => chain('or', both);
  const both = (): Condition => chain('and', single);
  const single = (): Condition => {
    if (word('not')) return { kind: 'not', of: single() };
    if (tokens[at]?.['paren'] === '(') {
      at += 1;
      const inside = either();
      if (tokens[at]?.['paren'] !== ')') throw new Error('a ")" is missing');
      at += 1;
      return inside;
    }
    const path = readPath(tokens[at++]);
    const operator = tokens[at]?.['operator'];
    if (operator === undefined) return { kind: 'holds', path };
    at += 1;
    return compare(path, operator, tokens[at++]);
  };
  const condition = either();
  if (at < tokens.length) throw new Error(`did not expect "${textOf(tokens[at])}" here`);
  return condition;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    tokenPattern.lastIndex = at;
    const found = tokenPattern.exec(text);
    if (found?.groups === undefined) throw new Error(`cannot read "${text.slice(at).trim()}"`);
    tokens.push(found.groups);
    at = tokenPattern.lastIndex;
  }
  return tokens;
}

function readPath(token: Token | undefined): Path {
  const text = token?.['path'];
  if (text === undefined || /^(and|or|not)$/.test(text)) {
    throw new Error(`expected a path, found ${textOf(token)}`);
  }
  const path = parsePath(text);
  if ('fault' in path) throw new Error(path.fault);
  if (isPlural(path)) throw new Error(`"${text}" matches many values, and one is wanted`);
  return path;
}

function compare(path: Path, operator: string, token: Token | undefined): Condition {
  const literal = readLiteral(token);
  const known = operators.find((one) => one === operator);
  if (known === undefined) throw new Error(`unknown operator ${operator}`);
  if (known.endsWith('~') && typeof literal !== 'string') {
    throw new Error(`${known} compares with a pattern in quotes`);
  }
  if (known.endsWith('~')) compileLinearRegex(String(literal)); // throws for what is no pattern
  return { kind: 'compare', path, operator: known, literal };
}

const operators: readonly Operator[] = ['==', '!=', '<', '<=', '>', '>=', '=~', '!~'];
const words: Readonly<Record<string, Literal>> = { true: true, false: false, null: null };

function readLiteral(token: Token | undefined): Literal {
  if (token?.['number'] !== undefined) return Number(token['number']);
  const quoted = token?.['string'];
  if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(["'\\])/g, '$1');
  const word = token?.['path'];
  if (word !== undefined && Object.hasOwn(words, word)) return words[word] ?? null;
  const found = textOf(token);
  throw new Error(`expected a number, a text in quotes, true, false or null, found ${found}`);
}

function textOf(token: Token | undefined): string {
  const text = Object.values(token ?? {}).find((part) => part !== undefined);
  return text ?? 'the end';
}
