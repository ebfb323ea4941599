import { type CharSet, complement, escapeSet, readClass, singleChar } from './char-set.ts';

/** The syntax tree of the part of RE2's syntax that the analysis understands. */
export type Node =
  | { readonly type: 'chars'; readonly set: CharSet }
  | { readonly type: 'assert'; readonly what: '^' | '$' | '\\b' | '\\B' }
  | { readonly type: 'sequence'; readonly items: readonly Node[] }
  | { readonly type: 'choice'; readonly items: readonly Node[] }
  | { readonly type: 'group'; readonly item: Node }
  | { readonly type: 'repeat'; readonly item: Node; readonly min: number; readonly max: number };

export interface Syntax {
  readonly root: Node;
  /** The same pattern as JavaScript spells it, with RE2's meaning of `.` and `\s`. */
  readonly native: string;
  readonly ignoreCase: boolean;
}

/** What the analysis does not know: not an error, RE2 may well run it. */
const unknownSyntax = Symbol('unknown syntax');

/** @returns undefined for syntax that is outside the understood part */
export function parseSyntax(source: string): Syntax | undefined {
  const ignoreCase = source.startsWith('(?i)');
  const reader = createReader(ignoreCase ? source.slice(4) : source);
  try {
    const root = readChoice(reader);
    if (reader.peek() !== '') return undefined;
    return { root, native: reader.native(), ignoreCase };
  } catch (reason) {
    if (reason === unknownSyntax) return undefined;
    throw reason;
  }
}

interface Reader {
  peek(): string;
  /** Takes the text if it is what comes next; it goes into the native spelling as `as`. */
  accept(text: string, as?: string): boolean;
  /** Takes what the sticky pattern matches. */
  match(pattern: RegExp, as?: string): string | undefined;
  native(): string;
}

function createReader(source: string): Reader {
  let at = 0;
  let native = '';
  const take = (text: string, as: string | undefined) => {
    at += text.length;
    native += as ?? text;
  };
  return {
    peek: () => source[at] ?? '',
    accept(text, as) {
      if (!source.startsWith(text, at)) return false;
      take(text, as);
      return true;
    },
    match(pattern, as) {
      pattern.lastIndex = at;
      const text = pattern.exec(source)?.[0];
      if (text !== undefined) take(text, as);
      return text;
    },
    native: () => native,
  };
}

function readChoice(reader: Reader): Node {
  const items = [readSequence(reader)];
  while (reader.accept('|')) items.push(readSequence(reader));
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { type: 'choice', items };
}

function readSequence(reader: Reader): Node {
  const items: Node[] = [];
  while (!['', '|', ')'].includes(reader.peek())) items.push(readRepeat(reader));
  return { type: 'sequence', items };
}

function readRepeat(reader: Reader): Node {
  const item = readAtom(reader);
  const bounds = readBounds(reader);
  if (bounds === undefined) return item;
  if (item.type === 'assert') throw unknownSyntax;
  reader.accept('?');
  if (readBounds(reader) !== undefined) throw unknownSyntax;
  return { type: 'repeat', item, ...bounds };
}

function readBounds(reader: Reader): { min: number; max: number } | undefined {
  if (reader.accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (reader.accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (reader.accept('?')) return { min: 0, max: 1 };
  const text = reader.match(/\{\d+(?:,\d*)?\}/y);
  if (text === undefined) return undefined;
  const [min = '0', max] = text.slice(1, -1).split(',');
  if (max === '') return { min: Number(min), max: Number.POSITIVE_INFINITY };
  return { min: Number(min), max: Number(max ?? min) };
}

function readAtom(reader: Reader): Node {
  if (reader.accept('^')) return { type: 'assert', what: '^' };
  if (reader.accept('$')) return { type: 'assert', what: '$' };
  if (reader.accept('\\b')) return { type: 'assert', what: '\\b' };
  if (reader.accept('\\B')) return { type: 'assert', what: '\\B' };
  if (reader.accept('.', '[^\\n]')) return { type: 'chars', set: complement(singleChar(10)) };
  if (reader.peek() === '(') return readGroup(reader);
  const named = /\[(?:\[:|\^\[:)/y;
  if (reader.match(named) !== undefined) throw unknownSyntax;
  const whole = reader.match(/\[\^?\]?(?:[^\]\\]|\\[\s\S])*\]/y, '');
  if (whole !== undefined) return readSet(reader, whole);
  return { type: 'chars', set: readChar(reader) };
}

function readSet(reader: Reader, text: string): Node {
  const known = readClass(text);
  if (known === undefined) throw unknownSyntax;
  reader.accept('', known.native);
  return { type: 'chars', set: known.set };
}

function readGroup(reader: Reader): Node {
  const open =
    reader.match(/\(\?:/y) ??
    reader.match(/\(\?P?<(?=[A-Za-z_]\w*>)/y, '(?<') ??
    reader.match(/\((?!\?)/y);
  if (open === undefined) throw unknownSyntax;
  if (open.endsWith('<')) reader.match(/\w+>/y);
  const item = readChoice(reader);
  if (!reader.accept(')')) throw unknownSyntax;
  return { type: 'group', item };
}

function readChar(reader: Reader): CharSet {
  if (reader.accept('\\s', '[\\t\\n\\f\\r ]')) return escapeSet('s') ?? [];
  if (reader.accept('\\S', '[^\\t\\n\\f\\r ]')) return escapeSet('S') ?? [];
  const escaped = reader.match(/\\[\s\S]/y);
  if (escaped !== undefined) {
    const set = escapeSet(escaped.slice(1));
    if (set === undefined) throw unknownSyntax;
    return set;
  }
  const char = reader.match(/[^\\()[\]{}*+?|^$\ud800-\udfff]/y) ?? reader.match(/[\]{}]/y, '');
  if (char === undefined) throw unknownSyntax;
  if (/[\]{}]/.test(char)) reader.accept('', `\\${char}`);
  return singleChar(char.charCodeAt(0));
}
