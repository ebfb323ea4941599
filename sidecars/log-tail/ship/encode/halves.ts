import type { Batch } from '../sink.ts';

/** Two batches with the same records in the same order; undefined when there is nothing to cut. */
export type Halves = readonly [Batch, Batch] | undefined;

const newline = 10;

/** Cuts lines between two records. @param perRecord how many lines a record has */
export function halveLines({ body, records }: Batch, perRecord = 1): Halves {
  const ends: number[] = [];
  for (let at = body.indexOf(newline); at !== -1; at = body.indexOf(newline, at + 1)) {
    ends.push(at + 1);
  }
  const inFirst = Math.floor(ends.length / perRecord / 2) * perRecord;
  const cut = ends[inFirst - 1];
  if (records < 2 || cut === undefined) return undefined;
  // A record of several lines counts as several here: near enough, and neither half is empty.
  const share = Math.round((records * inFirst) / ends.length);
  const first = Math.min(records - 1, Math.max(1, share));
  return [
    { body: body.subarray(0, cut), records: first },
    { body: body.subarray(cut), records: records - first },
  ];
}

/** Where an element of a JSON array is. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a JSON array that is somewhere in a body, and leaves what is around it with both halves.
 * @param open where its bracket is
 * @param recordsIn how many records an element has; one without it
 */
export function halveArray(
  { body }: Batch,
  open: number,
  recordsIn: (element: Place) => number = () => 1,
): Halves {
  const elements = elementsOf(body, open);
  const last = elements.at(-1);
  if (last === undefined || elements.length < 2) return undefined;
  const [head, tail] = [body.subarray(0, open + 1), body.subarray(last.end)];
  const toBatch = (some: readonly Place[]): Batch => ({
    body: Buffer.concat([head, body.subarray(some[0]?.start, some.at(-1)?.end), tail]),
    records: some.reduce((sum, element) => sum + recordsIn(element), 0),
  });
  const middle = elements.length >> 1;
  return [toBatch(elements.slice(0, middle)), toBatch(elements.slice(middle))];
}

/**
 * Where the bracket is that ends the text, which cannot be within a string: its quotes would be
 * escaped there.
 */
export function openBracketOf(body: Buffer, text: string, from = 0): number {
  return body.indexOf(text, from) + text.length - 1;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The elements of the array whose bracket is at `open`, in JSON that is known to be well-formed. */
export function elementsOf(json: Buffer, open: number): readonly Place[] {
  const elements: Place[] = [];
  let start = open + 1;
  let depth = 0;
  for (let at = start; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) at = endOfString(json, at);
    else if (byte === openBracket || byte === openBrace) depth += 1;
    else if (byte === comma && depth === 0) {
      elements.push({ start, end: at });
      start = at + 1;
    } else if (byte === closeBracket || byte === closeBrace) {
      if (depth === 0) {
        if (at > start) elements.push({ start, end: at });
        return elements;
      }
      depth -= 1;
    }
  }
  return [];
}

/** Where the quote is that ends the string. */
function endOfString(json: Buffer, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}
