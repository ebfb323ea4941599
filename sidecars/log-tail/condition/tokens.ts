import { PodmatesError } from '../../core/errors.ts';

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'punctuation' | 'end';
  readonly text: string;
  /** Counts from 1. */
  readonly column: number;
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['word', /[$@A-Za-z_][\w@./-]*/y],
  ['quoted', /`[^`]+`/y],
  ['string', /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y],
  ['operator', /[=!<>]=|[<>]|=~|[=!~]|&&|\|\|/y], // those it does not have too, to be told well
  ['punctuation', /[()[\],]/y],
];

/** @throws PodmatesError ERR_CONFIG for a character that begins nothing */
export function readTokens(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source[at] ?? '')) {
      at += 1;
      continue;
    }
    const token = readToken(source, at);
    if (token === undefined) {
      const message = `unexpected ${JSON.stringify(source[at])} at column ${at + 1} of the condition`;
      throw new PodmatesError('ERR_CONFIG', message);
    }
    tokens.push(token.token);
    at = token.end;
  }
  return tokens;
}

function readToken(source: string, at: number): { token: Token; end: number } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const raw = pattern.exec(source)?.[0];
    if (raw === undefined) continue;
    const token = { kind, text: unquote(kind, raw), column: at + 1 };
    return { token, end: at + raw.length };
  }
  return undefined;
}

/** In a text `\"`, `\'` and `\\` stand for the sign itself; any other backslash is a pattern's. */
function unquote(kind: Token['kind'], raw: string): string {
  if (kind === 'quoted') return raw.slice(1, -1);
  return kind === 'string' ? raw.slice(1, -1).replace(/\\(["'])/g, '$1') : raw;
}
