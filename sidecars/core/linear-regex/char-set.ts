/** UTF-16 code units as sorted, disjoint, closed ranges. */
export type CharSet = readonly (readonly [number, number])[];

const last = 0xffff;

export function singleChar(code: number): CharSet {
  return [[code, code]];
}

export function complement(set: CharSet): CharSet {
  const ranges: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) ranges.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= last) ranges.push([next, last]);
  return ranges;
}

export function union(sets: readonly CharSet[]): CharSet {
  const sorted = sets.flat().sort(([a], [b]) => a - b);
  const ranges: [number, number][] = [];
  for (const [from, to] of sorted) {
    const previous = ranges.at(-1);
    if (previous !== undefined && from <= previous[1] + 1) previous[1] = Math.max(previous[1], to);
    else ranges.push([from, to]);
  }
  return ranges;
}

export function overlaps(a: CharSet, b: CharSet): boolean {
  return a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to));
}

/** The set with both cases of every ASCII letter in it. */
export function withBothCases(set: CharSet): CharSet {
  const other = set.flatMap(([from, to]): [number, number][] => [
    ...shifted(from, to, 65, 90, 32),
    ...shifted(from, to, 97, 122, -32),
  ]);
  return union([set, other]);
}

function shifted(from: number, to: number, a: number, z: number, by: number): [number, number][] {
  const start = Math.max(from, a);
  const end = Math.min(to, z);
  return start > end ? [] : [[start + by, end + by]];
}

const digits: CharSet = [[48, 57]];
const words: CharSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** RE2's `\s`: ASCII only, and without the vertical tab. */
const spaces: CharSet = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, v: 11 };

/** What `\x` stands for; undefined for escapes outside the understood part. */
export function escapeSet(letter: string): CharSet | undefined {
  switch (letter) {
    case 'd':
      return digits;
    case 'D':
      return complement(digits);
    case 'w':
      return words;
    case 'W':
      return complement(words);
    case 's':
      return spaces;
    case 'S':
      return complement(spaces);
  }
  const control = controls[letter];
  if (control !== undefined) return singleChar(control);
  return /^[\x21-\x2f\x3a-\x40[-`{-~]$/.test(letter) ? singleChar(letter.charCodeAt(0)) : undefined;
}

/** Reads `[...]`. @returns undefined when it holds what is outside the understood part */
export function readClass(text: string): { set: CharSet; native: string } | undefined {
  const negated = text.startsWith('[^');
  const inner = text.slice(negated ? 2 : 1, -1);
  if (/[\ud800-\udfff]|\[:/.test(inner) || inner === '') return undefined;
  const items = [...inner.matchAll(/(\\[\s\S]|[^\\])(?:-(\\[\s\S]|[^\\]))?/g)];
  const sets: CharSet[] = [];
  for (const [, first = '', end] of items) {
    const from = itemSet(first);
    const to = end === undefined ? from : itemSet(end);
    if (from === undefined || to === undefined) return undefined;
    if (end === undefined) sets.push(from);
    else {
      const [low, high] = [from[0]?.[0], to[0]?.[0]];
      if (low === undefined || high === undefined || low > high) return undefined;
      if (first.length + end.length > 2 && /\\[dwsDWS]/.test(first + end)) return undefined;
      sets.push([[low, high]]);
    }
  }
  const set = negated ? complement(union(sets)) : union(sets);
  const native = inner.replace(/\\s/g, '\\t\\n\\f\\r ').replace(/^\]/, '\\]');
  if (/\\S/.test(inner)) return undefined;
  return { set, native: `[${negated ? '^' : ''}${native}]` };
}

function itemSet(text: string): CharSet | undefined {
  return text.startsWith('\\') ? escapeSet(text.slice(1)) : singleChar(text.charCodeAt(0));
}
