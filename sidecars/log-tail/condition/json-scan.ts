/**
 * Finds the values of top-level keys in a JSON object without parsing it, and stops as soon as it has
 * them all. Knows strings, escapes and depth, so that the same text inside a value is never taken for
 * a key. Of a key that is there twice, the first counts.
 *
 * @param places where each value begins and ends, two numbers for each key; -1 when it is not there
 */
export type Scan = (bytes: Buffer, start: number, end: number, places: Int32Array) => void;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

export function createScan(names: readonly string[]): Scan {
  const keys = names.map((name) => Buffer.from(name, 'utf8'));
  return (bytes, start, end, places) => {
    places.fill(-1);
    let left = keys.length;
    let at = skipBlanks(bytes, start, end);
    if (bytes[at] !== openBrace) return;
    at = skipBlanks(bytes, at + 1, end);
    while (at < end && bytes[at] === quote) {
      const keyStart = at + 1;
      const keyEnd = stringEnd(bytes, keyStart, end);
      at = skipBlanks(bytes, keyEnd + 1, end);
      if (bytes[at] !== 0x3a) return;
      const valueStart = skipBlanks(bytes, at + 1, end);
      const valueEnd = skipValue(bytes, valueStart, end);
      const found = indexOfKey(keys, bytes, keyStart, keyEnd);
      if (found !== -1 && places[found * 2] === -1) {
        places[found * 2] = valueStart;
        places[found * 2 + 1] = valueEnd;
        left -= 1;
        if (left === 0) return;
      }
      at = skipBlanks(bytes, valueEnd, end);
      if (bytes[at] !== comma) return;
      at = skipBlanks(bytes, at + 1, end);
    }
  };
}

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 33) <= 32) at += 1;
  return at;
}

/** Where the quote stands that ends the string whose inside begins here. */
function stringEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  return end;
}

function skipValue(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start];
  if (first === quote) return Math.min(end, stringEnd(bytes, start + 1, end) + 1);
  if (first === openBrace || first === openBracket) return skipNested(bytes, start, end);
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? comma;
    if (byte === comma || byte === closeBrace || byte <= 32) return at;
    at += 1;
  }
  return end;
}

function skipNested(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = stringEnd(bytes, at + 1, end);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return end;
}

function indexOfKey(keys: readonly Buffer[], bytes: Buffer, start: number, end: number): number {
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index];
    if (key !== undefined && key.length === end - start && isAt(key, bytes, start)) return index;
  }
  // A key with an escape in it may be one of them under another spelling.
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === backslash) return indexOfEscaped(keys, bytes.toString('utf8', start, end));
  }
  return -1;
}

function isAt(key: Buffer, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < key.length; at += 1) {
    if (key[at] !== bytes[start + at]) return false;
  }
  return true;
}

function indexOfEscaped(keys: readonly Buffer[], inner: string): number {
  try {
    const name = Buffer.from(String(JSON.parse(`"${inner}"`)), 'utf8');
    return keys.findIndex((key) => key.equals(name));
  } catch {
    return -1;
  }
}
