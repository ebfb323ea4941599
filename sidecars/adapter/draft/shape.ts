import type { Movement } from './behaviour.ts';

/** What is known of the values under one path, over every sample and every row seen. */
export interface Shape {
  /** How often something stood here, null included. */
  seen: number;
  numbers: NumberFacts | undefined;
  texts: TextFacts | undefined;
  booleans: number;
  fields: Map<string, Shape> | undefined;
  rows: RowFacts | undefined;
}

export interface NumberFacts extends Movement {
  rises: number;
  falls: number;
  fractional: boolean;
  negative: boolean;
  min: number;
  max: number;
}

export interface TextFacts {
  /** The first texts seen; enough to tell what they are. */
  readonly examples: Set<string>;
  longest: number;
}

export interface RowFacts {
  readonly item: Shape;
  longest: number;
  /** Fields with a short text or a whole number in every row, or nearly, of every list seen. */
  readonly keys: Map<string, KeyFacts> | undefined;
}

export interface KeyFacts {
  unique: boolean;
  readonly text: boolean;
  /** Whether some rows, a few, do without it. */
  readonly partial: boolean;
}

const maxExamples = 16;
const maxDepth = 24;

export function createShape(): Shape {
  return {
    seen: 0,
    numbers: undefined,
    texts: undefined,
    booleans: 0,
    fields: undefined,
    rows: undefined,
  };
}

/**
 * Adds one value to what is known.
 * @param before the value at the same place in the sample before, to see how numbers move
 */
export function observe(
  shape: Shape,
  value: unknown,
  before: unknown = undefined,
  depth = 0,
): void {
  shape.seen += 1;
  if (typeof value === 'number') observeNumber(shape, value, before);
  else if (typeof value === 'string') observeText(shape, value);
  else if (typeof value === 'boolean') shape.booleans += 1;
  else if (depth > maxDepth || typeof value !== 'object' || value === null) return;
  else if (Array.isArray(value)) observeRows(shape, value, depth);
  else observeFields(shape, value, before, depth);
}

function observeNumber(shape: Shape, value: number, before: unknown): void {
  shape.numbers ??= {
    rises: 0,
    falls: 0,
    fractional: false,
    negative: false,
    min: value,
    max: value,
  };
  const facts = shape.numbers;
  facts.min = Math.min(facts.min, value);
  facts.max = Math.max(facts.max, value);
  if (!Number.isInteger(value)) facts.fractional = true;
  if (value < 0) facts.negative = true;
  if (typeof before !== 'number') return;
  if (value > before) facts.rises += 1;
  if (value < before) facts.falls += 1;
}

function observeText(shape: Shape, value: string): void {
  shape.texts ??= { examples: new Set(), longest: 0 };
  const facts = shape.texts;
  facts.longest = Math.max(facts.longest, value.length);
  if (facts.examples.size < maxExamples) facts.examples.add(value.slice(0, 300));
}

function observeFields(shape: Shape, value: object, before: unknown, depth: number): void {
  shape.fields ??= new Map();
  for (const [key, entry] of Object.entries(value)) {
    let field = shape.fields.get(key);
    if (field === undefined) {
      field = createShape();
      shape.fields.set(key, field);
    }
    observe(field, entry, fieldOf(before, key), depth + 1);
  }
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

function observeRows(shape: Shape, rows: readonly unknown[], depth: number): void {
  const keys = commonKeys(shape.rows?.keys, rows);
  const item = shape.rows?.item ?? createShape();
  shape.rows = { item, longest: Math.max(shape.rows?.longest ?? 0, rows.length), keys };
  for (const row of rows) observe(item, row, undefined, depth + 1);
}

/** The keys that every row has, or all but a few, and whether they tell the rows of one list apart. */
function commonKeys(
  known: ReadonlyMap<string, KeyFacts> | undefined,
  rows: readonly unknown[],
): Map<string, KeyFacts> | undefined {
  const objects = rows.filter((row) => typeof row === 'object' && row !== null);
  if (objects.length === 0) return known && new Map(known);
  const found = new Map<string, KeyFacts>();
  for (const [key, first] of Object.entries(objects[0] ?? {})) {
    if (!isKeyValue(first) || (known !== undefined && !known.has(key))) continue;
    const values = objects
      .map((row) => fieldOf(row, key))
      .filter((value) => value !== undefined && value !== null);
    if (values.length < objects.length * 0.8 || !values.every(isKeyValue)) continue;
    const unique = new Set(values.map(String)).size === values.length;
    found.set(key, {
      unique: unique && known?.get(key)?.unique !== false,
      text: typeof first === 'string',
      partial: values.length < objects.length || known?.get(key)?.partial === true,
    });
  }
  return found;
}

function isKeyValue(value: unknown): boolean {
  if (typeof value === 'string') return value !== '' && value.length <= 120;
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** One shape for the entries of a map, whose keys do not matter. */
export function mergeShapes(shapes: Iterable<Shape>): Shape {
  const merged = createShape();
  for (const shape of shapes) mergeInto(merged, shape);
  return merged;
}

function mergeInto(merged: Shape, shape: Shape): void {
  merged.seen += shape.seen;
  merged.booleans += shape.booleans;
  if (shape.numbers !== undefined) merged.numbers = mergeNumbers(merged.numbers, shape.numbers);
  if (shape.texts !== undefined) {
    merged.texts ??= { examples: new Set(), longest: 0 };
    const facts = merged.texts;
    facts.longest = Math.max(facts.longest, shape.texts.longest);
    for (const text of shape.texts.examples) {
      if (facts.examples.size < maxExamples) facts.examples.add(text);
    }
  }
  for (const [key, field] of shape.fields ?? []) {
    merged.fields ??= new Map();
    const known = merged.fields.get(key) ?? createShape();
    mergeInto(known, field);
    merged.fields.set(key, known);
  }
  if (shape.rows !== undefined) merged.rows = mergeRows(merged.rows, shape.rows);
}

function mergeNumbers(a: NumberFacts | undefined, b: NumberFacts): NumberFacts {
  if (a === undefined) return { ...b };
  return {
    rises: Math.max(a.rises, b.rises),
    falls: a.falls + b.falls,
    fractional: a.fractional || b.fractional,
    negative: a.negative || b.negative,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

function mergeRows(a: RowFacts | undefined, b: RowFacts): RowFacts {
  const item = mergeShapes(a === undefined ? [b.item] : [a.item, b.item]);
  const longest = Math.max(a?.longest ?? 0, b.longest);
  if (a?.keys === undefined || b.keys === undefined) {
    return { item, longest, keys: a?.keys ?? b.keys };
  }
  const keys = new Map<string, KeyFacts>();
  for (const [key, { unique, text, partial }] of a.keys) {
    const other = b.keys.get(key);
    if (other === undefined) continue;
    keys.set(key, { text, unique: unique && other.unique, partial: partial || other.partial });
  }
  return { item, longest, keys };
}

/** How many shapes there are in a shape, counted up to `most`. */
export function countShapes(shape: Shape, most: number): number {
  let count = 1;
  for (const field of shape.fields?.values() ?? []) {
    if (count >= most) return count;
    count += countShapes(field, most - count);
  }
  return shape.rows === undefined ? count : count + countShapes(shape.rows.item, most - count);
}
