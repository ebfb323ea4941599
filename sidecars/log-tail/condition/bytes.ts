import type { Comparison } from './compare.ts';
import { compileTest } from './compile.ts';
import { createScan } from './json-scan.ts';
import { type Condition, referencedFields } from './syntax.ts';

/** Judges the JSON line between two places of a buffer. */
export type BytesPredicate = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Compiles a condition for the bytes of JSON lines, which it does not parse. On a line that is whole
 * it says what {@link compileCondition} says of the parsed record; one that breaks off behind the
 * keys it asks for is judged by those.
 *
 * @returns undefined for conditions that ask for more than top-level keys
 */
export function compileBytesCondition(condition: Condition): BytesPredicate | undefined {
  const fields = referencedFields(condition);
  if (fields.some(({ name, special }) => special !== undefined || name.includes('.'))) {
    return undefined;
  }
  const names = fields.map(({ name }) => name);
  const scan = createScan(names);
  const places = new Int32Array(names.length * 2);
  const holds = compileNode(condition, names, places);
  return (bytes, start, end) => {
    scan(bytes, start, end, places);
    return holds(bytes);
  };
}

function compileNode(
  node: Condition,
  names: readonly string[],
  places: Int32Array,
): (bytes: Buffer) => boolean {
  switch (node.type) {
    case 'and': {
      const left = compileNode(node.left, names, places);
      const right = compileNode(node.right, names, places);
      return (bytes) => left(bytes) && right(bytes);
    }
    case 'or': {
      const left = compileNode(node.left, names, places);
      const right = compileNode(node.right, names, places);
      return (bytes) => left(bytes) || right(bytes);
    }
    case 'not': {
      const inner = compileNode(node.inner, names, places);
      return (bytes) => !inner(bytes);
    }
    default: {
      const at = names.indexOf(node.field.name) * 2;
      const test: Comparison = compileTest(node);
      return (bytes) => test(readValue(bytes, places[at] ?? -1, places[at + 1] ?? -1));
    }
  }
}

/** The value between two places; undefined when it is not there or no JSON. */
function readValue(bytes: Buffer, start: number, end: number): unknown {
  if (start === -1) return undefined;
  const first = bytes[start] ?? 0;
  if (first >= 48 && first <= 57 && end - start < 10) {
    const number = readDigits(bytes, start, end);
    if (number !== -1) return number;
  }
  if (first === 0x22 && isPlain(bytes, start, end))
    return bytes.toString('latin1', start + 1, end - 1);
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}

/** A whole number that is not negative; -1 for any other. */
function readDigits(bytes: Buffer, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** A string of ASCII without escapes. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[end - 1] !== 0x22 || end - start < 2) return false;
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x5c || byte >= 0x80) return false;
  }
  return true;
}
