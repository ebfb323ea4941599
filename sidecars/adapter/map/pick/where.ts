import { compileLinearRegex } from '../../../core/linear-regex/compile.ts';
import type { Row } from '../row.ts';
import type { Condition, Literal, Operator } from './condition.ts';
import { compilePath } from './select.ts';

export type Test = (row: Row) => boolean;

/** Compiles a condition to closures. */
export function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      const sides = condition.sides.map(compileCondition);
      return (row) => sides.every((side) => side(row));
    }
    case 'or': {
      const sides = condition.sides.map(compileCondition);
      return (row) => sides.some((side) => side(row));
    }
    case 'not': {
      const test = compileCondition(condition.of);
      return (row) => !test(row);
    }
    case 'holds': {
      const read = compilePath(condition.path);
      return (row) => Boolean(read(row));
    }
    case 'compare': {
      const read = compilePath(condition.path);
      const test = compileComparison(condition.operator, condition.literal);
      return (row) => test(read(row));
    }
  }
}

function compileComparison(operator: Operator, literal: Literal): (value: unknown) => boolean {
  switch (operator) {
    case '==':
      return (value) => same(value, literal);
    case '!=':
      return (value) => !same(value, literal);
    case '=~':
      return matches(String(literal));
    case '!~': {
      const test = matches(String(literal));
      return (value) => !test(value);
    }
    default:
      return (value) => ordered(value, literal, operator);
  }
}

/** A missing value is null; a number equals the text that spells it. */
function same(value: unknown, literal: Literal): boolean {
  if (literal === null) return value === null || value === undefined;
  if (typeof value === 'bigint') return Number(value) === Number(literal);
  if (typeof value === 'string' && typeof literal === 'number') {
    return value.trim() !== '' && Number(value) === literal;
  }
  if (typeof value === 'number' && typeof literal === 'string') return String(value) === literal;
  return value === literal;
}

function ordered(value: unknown, literal: Literal, operator: Operator): boolean {
  if (typeof literal === 'string') {
    return typeof value === 'string' && decide(operator, value < literal, value > literal);
  }
  if (typeof value === 'string' ? value.trim() === '' : typeof value !== 'number') {
    if (typeof value !== 'bigint') return false;
  }
  const [left, right] = [Number(value), Number(literal)];
  if (Number.isNaN(left)) return false;
  return decide(operator, left < right, left > right);
}

function decide(operator: Operator, below: boolean, above: boolean): boolean {
  switch (operator) {
    case '<':
      return below;
    case '<=':
      return !above;
    case '>':
      return above;
    default:
      return !below;
  }
}

function matches(source: string): (value: unknown) => boolean {
  const regex = compileLinearRegex(source);
  return (value) =>
    value !== null && value !== undefined && typeof value !== 'object' && regex.test(String(value));
}
