import type { DropReason } from '../sample.ts';
import { firstGroup } from './label.ts';
import { compileSelector, type Read } from './pick/select.ts';
import { type ReadAs, readers, readNumeric } from './read-as.ts';
import type { Row } from './row.ts';
import { createScale } from './scale.ts';
import type { ValueRule } from './schema.ts';

/** Reads the number of a rule for a row; undefined when there is none, which has been told. */
export type ReadValue = (row: Row) => number | undefined;
/** Makes a number of what the document says, or says why that is none. */
type Convert = (value: unknown, row: Row) => number | DropReason | undefined;

/** Compiles value, regex, map, as and scale, in this order. */
export function compileValue(rule: ValueRule, metric: string): ReadValue {
  const { value, missing } = rule;
  const scale = rule.scale === 1 ? undefined : createScale(rule.scale);
  if (typeof value === 'number') {
    const constant = value * rule.scale;
    return () => constant;
  }
  const read = compileSelector(value);
  const convert = compileConversion(rule);
  return (row) => {
    const found = read(row);
    // What most values are, without a detour.
    if (typeof found === 'number' && convert === undefined && Number.isFinite(found)) {
      return scale === undefined ? found : scale(found);
    }
    const number = found === '' || found === null ? undefined : (convert ?? plain)(found, row);
    if (typeof number === 'number' && Number.isFinite(number)) return scale?.(number) ?? number;
    if (number === undefined) return withoutValue(row, metric, missing);
    const reason = typeof number === 'number' ? 'not_finite' : number;
    const mend = reason === 'not_a_number' ? mendOf(found, rule) : '';
    row.run.collector.drop({ reason, metric, detail: show(found) + mend });
    return undefined;
  };
}

/** Why a text is no number for the rule. */
function mendOf(found: unknown, { as, map, regex }: ValueRule): string {
  if (typeof found !== 'string') return '';
  if (as === 'date')
    return ' is no date with a zone; timeZone of the source is that of dates without';
  if (as !== undefined) return ` cannot be read as ${as}`;
  return (map ?? regex) ? '' : ' is text; it is read with as, map or regex';
}

function withoutValue(row: Row, metric: string, missing: ValueRule['missing']): number | undefined {
  if (missing === 'zero') return 0;
  if (missing === 'error') {
    row.run.collector.drop({ reason: 'missing', metric, detail: 'no value' });
  }
  return undefined;
}

/** @returns undefined when numbers can be taken as they are */
function compileConversion({ as, map, regex }: ValueRule): Convert | undefined {
  if (as === undefined && map === undefined && regex === undefined) return undefined;
  const readAs = as === undefined ? undefined : readers[as];
  const readerFor = ({ run }: Row) => (as === 'date' ? run.readDate : readAs);
  const table = map === undefined ? undefined : new Map(Object.entries(map));
  const pattern = regex;
  return (value, row) => {
    if (value === undefined || value === null || typeof value === 'object') return plain(value);
    if (pattern === undefined && table === undefined && typeof value !== 'string') {
      const number = plain(value);
      return typeof number === 'number' ? readNumeric(as, number) : number;
    }
    const text = pattern === undefined ? String(value) : firstGroup(pattern, String(value));
    if (pattern !== undefined && text === '') return undefined;
    const mapped = table?.get(text) ?? table?.get('default');
    if (mapped === 'drop') return 'unmapped';
    if (mapped !== undefined) return mapped;
    return readText(text, readerFor(row), table !== undefined, pattern !== undefined);
  };
}

function readText(
  text: string,
  readAs: ReadAs | undefined,
  mapped: boolean,
  matched: boolean,
): number | DropReason {
  // What a pattern cut out of a text is meant to be read as a number.
  const read = readAs ?? (matched && !mapped ? readers.number : undefined);
  if (read === undefined) return mapped ? 'unmapped' : 'not_a_number';
  const number = read(text);
  return Number.isNaN(number) ? (mapped ? 'unmapped' : 'not_a_number') : number;
}

function plain(value: unknown): number | DropReason | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
      return Number(value);
    default:
      return value === null || value === undefined ? undefined : 'not_a_number';
  }
}

/**
 * Reads a number that a rule can do without: a sum, a count, when it began. What is there and cannot
 * be read is told; the sample stands without it.
 */
export function compileOptional(
  selector: Parameters<typeof compileSelector>[0] | undefined,
  key: 'sum' | 'count' | 'since',
  metric: string,
): (row: Row) => number | undefined {
  if (selector === undefined) return () => undefined;
  const read: Read = compileSelector(selector);
  const as = key === 'since' ? 'date' : 'number';
  return (row) => {
    const found = read(row);
    if (found === undefined || found === null || found === '') return undefined;
    const readAs = as === 'date' ? row.run.readDate : readers.number;
    const number = typeof found === 'string' ? readAs(found) : readNumeric(as, toNumber(found));
    if (Number.isFinite(number)) return number;
    const detail = `${key} is ${show(found)}, not ${as === 'date' ? 'a date with a zone' : 'a number'}`;
    row.run.collector.drop({ reason: 'not_a_number', metric, detail });
    return undefined;
  };
}

/** A number of a list of numbers, also when it was sent as text; NaN when it is none. */
export function toNumber(value: unknown): number {
  if (typeof value === 'string') return readers.number(value);
  const number = plain(value);
  return typeof number === 'number' ? number : Number.NaN;
}

/** A found value for the log: short, and never a whole document. */
export function show(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
