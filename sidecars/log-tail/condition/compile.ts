import type { LogRecord } from '../record.ts';
import { rankOf, severityOf } from '../severity.ts';
import { type Comparison, compileComparison, equals } from './compare.ts';
import { readField } from './field-value.ts';
import type { Condition, FieldReference, Literal, Operator } from './syntax.ts';

/** What a condition looks at. */
export type Subject = Pick<LogRecord, 'text' | 'fields' | 'file'>;
export type Predicate = (record: Subject) => boolean;

/** Makes a function of a condition; all that can be decided beforehand is decided here. */
export function compileCondition(condition: Condition): Predicate {
  switch (condition.type) {
    case 'and': {
      const [left, right] = [compileCondition(condition.left), compileCondition(condition.right)];
      return (record) => left(record) && right(record);
    }
    case 'or': {
      const [left, right] = [compileCondition(condition.left), compileCondition(condition.right)];
      return (record) => left(record) || right(record);
    }
    case 'not': {
      const inner = compileCondition(condition.inner);
      return (record) => !inner(record);
    }
    default: {
      const read = compileField(condition.field);
      const test = compileTest(condition);
      return (record) => test(read(record));
    }
  }
}

/** The part of a leaf that judges the value, wherever that came from. */
export function compileTest(leaf: Extract<Condition, { field: FieldReference }>): Comparison {
  const { field } = leaf;
  switch (leaf.type) {
    case 'present':
      return (value) => value !== undefined && value !== null && value !== false;
    case 'in': {
      const tests = leaf.literals.map(equals);
      return (value) => tests.some((test) => test(value));
    }
    case 'matches':
      return (value) => value !== undefined && value !== null && leaf.regex.test(toText(value));
    case 'compare':
      return field.special === '$severity'
        ? compareSeverity(leaf.operator, leaf.literal)
        : compileComparison(leaf.operator, leaf.literal);
  }
}

function compareSeverity(operator: Operator, literal: Literal): Comparison {
  const compare = compileComparison(operator, rankOf(literal));
  return (value) => compare(rankOf(value)); // of what has none NaN: only != holds
}

/** A function that reads what a reference refers to. */
function compileField({ name, special }: FieldReference): (record: Subject) => unknown {
  switch (special) {
    case '$line':
      return ({ text }) => text;
    case '$input':
      return ({ file }) => file.input;
    case '$path':
      return ({ file }) => file.path;
    case '$severity':
      return ({ fields }) => severityOf(fields);
    default:
      return ({ fields }) => readField(fields, name);
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
