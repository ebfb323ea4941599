import { createScan } from '../condition/json-scan.ts';
import type { Scalar } from './config.ts';
import type { GrowingBuffer } from './growing-buffer.ts';

/** Writes JSON lines with fields added. */
export interface Splice {
  /** Writes the line between two places of the source, without its line end. */
  write(target: GrowingBuffer, source: Buffer, start: number, end: number): void;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Puts the fields before the last brace. A line that has one of the fields already is parsed
 * and written anew, with the new value; what is not an object stays as it is.
 */
export function createFieldSplicer(fields: Readonly<Record<string, Scalar>>): Splice {
  const entries = JSON.stringify(fields).slice(1, -1);
  const withComma = Buffer.from(`,${entries}}`);
  const withoutComma = Buffer.from(`${entries}}`);
  const names = Object.keys(fields);
  const scan = createScan(names);
  const places = new Int32Array(names.length * 2);
  return {
    write(target, source, start, end) {
      const close = isObject(source, start) ? lastBrace(source, start, end) : -1;
      if (close === -1) return target.copy(source, start, end);
      scan(source, start, end, places);
      if (places.some((place) => place !== -1)) {
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
