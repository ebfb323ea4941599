import { RE2JS } from 're2js';
import { describeError, PodmatesError } from '../errors.ts';
import { proveCost } from './cost.ts';
import { parseSyntax } from './syntax.ts';

/** A pattern written by a user, in RE2 syntax, that runs in time linear in the text. */
export interface LinearRegex {
  readonly source: string;
  /** The names of its named groups, in order. */
  readonly groupNames: readonly string[];
  /** Where in a match each named group stands. */
  readonly groupNumbers: Readonly<Record<string, number>>;
  test(text: string): boolean;
  /**
   * The first match: index 0 the whole, then the groups by number; undefined for a group that took
   * no part. null without a match.
   */
  exec(text: string): readonly (string | undefined)[] | null;
  /** The groups by name of the first match; null without a match. */
  groups(text: string): Record<string, string> | null;
  replaceAll(text: string, replacement: () => string): string;
  toJSON(): string;
}

/** Up to this length a pattern proved quadratic is still run by the native engine; UTF-16 units. */
const shortText = 512;

/**
 * Compiles a pattern written by a user. RE2 is about fifty times slower in JavaScript than the
 * native engine, which backtracks; so the native one runs those patterns for which it is proved
 * that they cannot make it do so, and RE2 all others.
 *
 * @throws PodmatesError ERR_CONFIG for syntax errors, and for back-references and look-around,
 *   which no linear engine has
 */
export function compileLinearRegex(source: string): LinearRegex {
  const re2 = compileRe2(source);
  const native = compileNative(source);
  const numbers = namedGroups(re2);
  const engineFor = (text: string): Engine =>
    native !== undefined && text.length <= native.maxLength ? native : re2Engine(re2);
  const exec = (text: string) => engineFor(text).exec(text);
  return {
    source,
    groupNames: Object.keys(numbers),
    groupNumbers: numbers,
    test: (text) => engineFor(text).test(text),
    exec,
    groups(text) {
      const match = exec(text);
      return match === null ? null : pickGroups(numbers, match);
    },
    replaceAll: (text, replacement) => engineFor(text).replaceAll(text, replacement),
    toJSON: () => source,
  };
}

interface Engine {
  test(text: string): boolean;
  exec(text: string): readonly (string | undefined)[] | null;
  replaceAll(text: string, replacement: () => string): string;
}

function compileNative(source: string): (Engine & { maxLength: number }) | undefined {
  const syntax = parseSyntax(source);
  if (syntax === undefined) return undefined;
  const cost = proveCost(syntax);
  if (cost === 'unknown') return undefined;
  // RE2 counts code points, not UTF-16 units: `a.b` matches a pair of surrogates between a and b.
  const flags = syntax.ignoreCase ? 'iu' : 'u';
  const regex = openNative(syntax.native, flags);
  if (regex === undefined) return undefined;
  const every = new RegExp(regex.source, `g${flags}`);
  return {
    maxLength: cost === 'linear' ? Number.POSITIVE_INFINITY : shortText,
    test: (text) => regex.test(text),
    exec: (text) => regex.exec(text),
    replaceAll: (text, replacement) => text.replace(every, replacement),
  };
}

/** By code points the native engine takes no needless escapes, such as `\"`; they are left out. */
function openNative(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source.replace(/\\(?:([ !"#%&',:;<=>@_`~])|.)/g, unescapePlain), flags);
  } catch {
    return undefined;
  }
}

function unescapePlain(escaped: string, plain: string | undefined): string {
  return plain ?? escaped;
}

function re2Engine(re2: RE2JS): Engine {
  return {
    test: (text) => re2.test(text),
    exec(text) {
      const matcher = re2.matcher(text);
      if (!matcher.find()) return null;
      return Array.from(
        { length: matcher.groupCount() + 1 },
        (_, at) => matcher.group(at) ?? undefined,
      );
    },
    replaceAll(text, replacement) {
      const matcher = re2.matcher(text);
      let result = '';
      let from = 0;
      while (matcher.find()) {
        result += text.slice(from, matcher.start()) + replacement();
        from = matcher.end();
      }
      return result + text.slice(from);
    },
  };
}

function compileRe2(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason = describeError(error).split(': error parsing')[0];
    throw new PodmatesError('ERR_CONFIG', `not a pattern in RE2 syntax: ${reason}`, {
      cause: error,
    });
  }
}

function namedGroups(re2: RE2JS): Readonly<Record<string, number>> {
  const entries = Object.entries(re2.namedGroups());
  return Object.fromEntries(entries.sort(([, a], [, b]) => a - b));
}

function pickGroups(
  numbers: Readonly<Record<string, number>>,
  match: readonly (string | undefined)[],
): Record<string, string> {
  const groups: Record<string, string> = {};
  for (const name in numbers) {
    const text = match[numbers[name] ?? 0];
    if (text !== undefined) groups[name] = text;
  }
  return groups;
}
