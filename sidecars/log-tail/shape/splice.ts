import type { Scalar } from './config.ts';
import type { GrowingBuffer } from './growing-buffer.ts';

/** Writes JSON lines with fields added. */
export interface Splice {
  /** Another buffer is looked at from now on. */
  begin(source: Buffer): void;
  /** Writes the line without its line end. */
  write(target: GrowingBuffer, start: number, end: number): void;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Puts the fields before the last brace. A line that may have one of the fields already is parsed
 * and written anew, with the new value; what is not an object stays as it is.
 */
export function createFieldSplicer(fields: Readonly<Record<string, Scalar>>): Splice {
  const entries = JSON.stringify(fields).slice(1, -1);
  const withComma = Buffer.from(`,${entries}}`);
  const withoutComma = Buffer.from(`${entries}}`);
  const keys = Object.keys(fields).map((name) => ({
    key: Buffer.from(JSON.stringify(name)),
    at: 0,
  }));
  let source: Buffer = Buffer.alloc(0);

  /** Looks for each key once in the whole buffer, not once in each line. */
  const mayHaveOne = (start: number, end: number): boolean => {
    for (const one of keys) {
      if (one.at < start) {
        const found = source.indexOf(one.key, start);
        one.at = found === -1 ? Number.POSITIVE_INFINITY : found;
      }
      if (one.at < end) return true;
    }
    return false;
  };
  return {
    begin(changed) {
      source = changed;
      for (const one of keys) one.at = -1;
    },
    write(target, start, end) {
      const close = isObject(source, start) ? lastBrace(source, start, end) : -1;
      if (close === -1) return target.copy(source, start, end);
      if (mayHaveOne(start, close)) {
        const line = source.toString('utf8', start, end);
        return target.put(Buffer.from(rewrite(line, fields), 'utf8'));
      }
      target.copy(source, start, close);
      target.put(isEmpty(source, close) ? withoutComma : withComma);
    },
  };
}

function isObject(source: Buffer, start: number): boolean {
  let at = start;
  while ((source[at] ?? openBrace) <= 32) at += 1;
  return source[at] === openBrace;
}

/** The brace at the end of the line, when there is nothing but blanks behind it. */
function lastBrace(source: Buffer, start: number, end: number): number {
  let at = end - 1;
  while (at > start && (source[at] ?? closeBrace) <= 32) at -= 1;
  return source[at] === closeBrace ? at : -1;
}

function isEmpty(source: Buffer, close: number): boolean {
  let at = close - 1;
  while ((source[at] ?? openBrace) <= 32) at -= 1;
  return source[at] === openBrace;
}

function rewrite(line: string, fields: Readonly<Record<string, Scalar>>): string {
  try {
    return JSON.stringify({ ...JSON.parse(line), ...fields });
  } catch {
    return line;
  }
}
