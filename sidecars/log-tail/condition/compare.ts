import type { Literal, Operator } from './syntax.ts';

/** Compares the value of a field with a literal. */
export type Comparison = (value: unknown) => boolean;

/**
 * Values meet the literal on its own ground: with a number also a text that is one (as logfmt and
 * patterns give them) counts as a number, with a text also a number counts by its digits. What has
 * no such ground is neither less nor greater, and not equal.
 */
export function compileComparison(operator: Operator, literal: Literal): Comparison {
  switch (operator) {
    case '==':
      return equals(literal);
    case '!=': {
      const same = equals(literal);
      return (value) => !same(value);
    }
    default:
      return typeof literal === 'number'
        ? ordersNumber(operator, literal)
        : ordersText(operator, String(literal));
  }
}

export function equals(literal: Literal): Comparison {
  if (literal === null) return (value) => value === null || value === undefined;
  if (typeof literal === 'number') return (value) => toNumber(value) === literal;
  const text = String(literal);
  return (value) =>
    value === literal || (value !== undefined && value !== null && String(value) === text);
}

type Order = Exclude<Operator, '==' | '!='>;

function ordersNumber(operator: Order, literal: number): Comparison {
  switch (operator) {
    case '<':
      return (value) => toNumber(value) < literal;
    case '<=':
      return (value) => toNumber(value) <= literal;
    case '>':
      return (value) => toNumber(value) > literal;
    case '>=':
      return (value) => toNumber(value) >= literal;
  }
}

function ordersText(operator: Order, literal: string): Comparison {
  switch (operator) {
    case '<':
      return (value) => isWord(value) && String(value) < literal;
    case '<=':
      return (value) => isWord(value) && String(value) <= literal;
    case '>':
      return (value) => isWord(value) && String(value) > literal;
    case '>=':
      return (value) => isWord(value) && String(value) >= literal;
  }
}

function isWord(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** NaN for what is no number, which compares as false. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return Number.NaN;
  return Number(value);
}
