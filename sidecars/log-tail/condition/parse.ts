import { didYouMean } from '../../core/config/suggest.ts';
import { PodmatesError } from '../../core/errors.ts';
import { compileLinearRegex } from '../../core/linear-regex/compile.ts';
import { isSeverity, severities } from '../severity.ts';
import {
  type Condition,
  type FieldReference,
  type Literal,
  type Operator,
  specialNames,
} from './syntax.ts';
import { readTokens, type Token } from './tokens.ts';

/** @throws PodmatesError ERR_CONFIG that names the column */
export function parseCondition(source: string): Condition {
  const cursor = createCursor(readTokens(source), source);
  const condition = readOr(cursor);
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw cursor.error(rest, `expected "and", "or" or the end${hint(rest)}`);
  return condition;
}

/** What other languages call what this one has. */
const ours: ReadonlyMap<string, string> = new Map([
  ['&&', 'and'],
  ['||', 'or'],
  ['!', 'not'],
  ['=', '=='],
  ['=~', 'matches'],
  ['~', 'matches'],
  ['contains', 'matches'],
]);

function hint({ kind, text }: Token): string {
  const lower = text.toLowerCase();
  const mend = ours.get(lower) ?? (kind === 'word' && keywords.has(lower) ? lower : undefined);
  return mend === undefined || mend === text ? '' : `, for "${text}" write "${mend}",`;
}

interface Cursor {
  peek(): Token;
  next(): Token;
  accept(kind: Token['kind'], text: string): boolean;
  error(at: Token, message: string): PodmatesError;
}

function createCursor(tokens: readonly Token[], source: string): Cursor {
  let index = 0;
  const end: Token = { kind: 'end', text: '', column: source.length + 1 };
  const peek = () => tokens[index] ?? end;
  return {
    peek,
    next() {
      const token = peek();
      index += 1;
      return token;
    },
    accept(kind, text) {
      const token = peek();
      if (token.kind !== kind || token.text !== text) return false;
      index += 1;
      return true;
    },
    error(at, message) {
      const found = at.kind === 'end' ? 'the end' : `"${at.text}"`;
      return new PodmatesError(
        'ERR_CONFIG',
        `${message} at column ${at.column} of the condition (got ${found})`,
      );
    },
  };
}

function readOr(cursor: Cursor): Condition {
  let left = readAnd(cursor);
  while (cursor.accept('word', 'or')) left = { type: 'or', left, right: readAnd(cursor) };
  return left;
}

function readAnd(cursor: Cursor): Condition {
  let left = readNot(cursor);
  while (cursor.accept('word', 'and')) left = { type: 'and', left, right: readNot(cursor) };
  return left;
}

function readNot(cursor: Cursor): Condition {
  if (cursor.accept('word', 'not')) return { type: 'not', inner: readNot(cursor) };
  if (!cursor.accept('punctuation', '(')) return readComparison(cursor);
  const inner = readOr(cursor);
  if (!cursor.accept('punctuation', ')')) throw cursor.error(cursor.peek(), 'expected ")"');
  return inner;
}

const operators: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies Operator[];

function readComparison(cursor: Cursor): Condition {
  const field = readField(cursor);
  if (cursor.accept('word', 'in')) {
    return { type: 'in', field, literals: readList(cursor, field) };
  }
  if (cursor.accept('word', 'not')) {
    if (!cursor.accept('word', 'in')) throw cursor.error(cursor.peek(), 'expected "in"');
    return { type: 'not', inner: { type: 'in', field, literals: readList(cursor, field) } };
  }
  if (cursor.accept('word', 'matches')) return readMatches(cursor, field);
  const token = cursor.peek();
  if (token.kind !== 'operator') return { type: 'present', field };
  if (!operators.includes(token.text)) {
    throw cursor.error(token, `expected one of ${operators.join(' ')}${hint(token)}`);
  }
  cursor.next();
  const literal = readLiteral(cursor, field, token.text);
  return { type: 'compare', field, operator: token.text as Operator, literal };
}

function readMatches(cursor: Cursor, field: FieldReference): Condition {
  const token = cursor.next();
  if (token.kind !== 'string') throw cursor.error(token, 'expected a pattern in quotes');
  return { type: 'matches', field, regex: compileLinearRegex(token.text) };
}

function readField(cursor: Cursor): FieldReference {
  const token = cursor.next();
  if (token.kind === 'quoted') return { name: token.text };
  if (token.kind !== 'word' || keywords.has(token.text)) {
    throw cursor.error(token, `expected the name of a field${hint(token)}`);
  }
  if (!token.text.startsWith('$')) return { name: token.text };
  const special = specialNames.find((name) => name === token.text);
  if (special !== undefined) return { name: special, special };
  throw cursor.error(token, `unknown name${didYouMean(token.text, specialNames)}`);
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'matches']);
const constants: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function readLiteral(cursor: Cursor, field: FieldReference, operator?: string): Literal {
  const token = cursor.next();
  const literal = toLiteral(token);
  if (literal === undefined) {
    throw cursor.error(token, 'expected a text in quotes, a number, true, false or null');
  }
  const isOrder = operator?.startsWith('<') || operator?.startsWith('>');
  if (isOrder && (literal === null || typeof literal === 'boolean')) {
    throw cursor.error(token, `${operator} is for numbers and texts`);
  }
  if (field.special === '$severity' && !isSeverity(literal)) {
    throw cursor.error(token, `$severity is one of ${severities.join(', ')}`);
  }
  return literal;
}

function toLiteral({ kind, text }: Token): Literal | undefined {
  if (kind === 'string') return text;
  if (kind === 'number') return Number(text);
  return kind === 'word' ? constants.get(text) : undefined;
}

function readList(cursor: Cursor, field: FieldReference): Literal[] {
  if (!cursor.accept('punctuation', '[')) throw cursor.error(cursor.peek(), 'expected "["');
  const literals = [readLiteral(cursor, field)];
  while (cursor.accept('punctuation', ',')) literals.push(readLiteral(cursor, field));
  if (!cursor.accept('punctuation', ']')) throw cursor.error(cursor.peek(), 'expected "," or "]"');
  return literals;
}
