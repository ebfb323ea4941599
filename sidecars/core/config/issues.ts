import type * as z from 'zod';
import type { Problem } from '../errors.ts';
import type { PathKey, SourceDocument } from './document.ts';
import { knownKeys } from './known-keys.ts';
import { didYouMean, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** Turns what zod found into problems with places, in words that say how to mend them. */
export function toProblems(
  issues: readonly Issue[],
  schema: z.core.$ZodType,
  source: SourceDocument,
  prefix: readonly PathKey[],
): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && !isOwnMessage(issue)) {
      const nested = pickBranch(issue.errors).map((inner) => ({
        ...inner,
        path: [...issue.path, ...inner.path],
      }));
      const kinds = rootKinds(issue.errors);
      if (kinds === undefined) return toProblems(nested, schema, source, prefix);
      const place = [...prefix, ...keys(issue.path)];
      return [source.problemAt(place, expected(kinds, issue.input))];
    }
    const path = [...prefix, ...keys(issue.path)];
    if (issue.code !== 'unrecognized_keys') return [source.problemAt(path, explain(issue))];
    const known = knownKeys(schema, keys(issue.path));
    return issue.keys.map((key) =>
      source.problemAtKey([...path, key], explainUnknownKey(key, known)),
    );
  });
}

function explainUnknownKey(key: string, known: readonly string[]): string {
  if (known.includes(key)) return 'does not go together with the other keys here';
  return `unknown key${didYouMean(key, known)}`;
}

function keys(path: readonly PropertyKey[]): PathKey[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** When a union failed because the value is of none of its kinds: those kinds, in words. */
function rootKinds(branches: readonly (readonly Issue[])[]): string | undefined {
  const kinds = new Set<string>();
  for (const branch of branches) {
    const root = branch.find(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys');
    if (root === undefined || isRefusal(root)) return undefined;
    const kind = root.code === 'invalid_union' ? rootKinds(root.errors) : explainExpected(root);
    if (kind === undefined) return undefined;
    kinds.add(kind);
  }
  return [...kinds].join(' or ');
}

/** A message that the schema gives itself, in place of zod's. */
function isOwnMessage({ message }: Issue): boolean {
  return !message.startsWith('Invalid ');
}

/** The value was of this kind, and what it says is wrong: not for being of another kind. */
function isRefusal({ code, message }: Issue): boolean {
  return code === 'custom' && !message.startsWith('expected ');
}

/** Of a union's failures, those of the alternative that the writer most likely had in mind. */
function pickBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const scored = branches.map((branch) => ({
    branch,
    score: distance(branch) + strangeness(branch, branches),
  }));
  scored.sort((a, b) => a.score - b.score);
  return scored[0]?.branch ?? [];
}

function distance(branch: readonly Issue[]): number {
  return branch.reduce(addDistance, 0);
}

/** A key that only one alternative knows says more of what was meant than one that many know. */
function strangeness(branch: readonly Issue[], branches: readonly (readonly Issue[])[]): number {
  return strangeKeys(branch).reduce((sum, key) => {
    const strangers = branches.filter((other) => strangeKeys(other).includes(key)).length;
    return strangers === branches.length ? sum : sum + strangers / branches.length;
  }, 0);
}

function strangeKeys(branch: readonly Issue[]): readonly string[] {
  return branch.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
}

function addDistance(sum: number, issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length;
  if (isRefusal(issue)) return sum + 1;
  if (issue.path.length === 0) {
    const alternatives = issue.code === 'invalid_union' ? issue.errors : [];
    return sum + Math.min(1000, ...alternatives.map(distance));
  }
  // One single value is what tells alternatives apart; of several, one was just spelled wrongly.
  if (issue.path.length === 1 && issue.code === 'invalid_value') {
    return sum + (issue.values.length === 1 ? 100 : 1);
  }
  if (issue.path.length === 1 && issue.input === undefined) return sum + 5;
  return sum + 1;
}

function explain(issue: Issue): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_value') return explainValue(issue.values, issue.input);
  if (issue.code === 'invalid_union' && !isOwnMessage(issue)) return explainDiscriminator(issue);
  if (issue.code === 'invalid_union') return issue.message; // its input may be a secret
  return expected(explainExpected(issue), issue.input);
}

function expected(what: string, input: unknown): string {
  return `${input === undefined ? 'missing; ' : ''}expected ${what}${got(input)}`;
}

function explainValue(values: readonly z.core.util.Primitive[], input: unknown): string {
  if (input === undefined) return `missing; expected ${alternatives(values)}`;
  const mend =
    typeof input === 'string'
      ? didYouMean(input, values.map(String))
      : `; expected ${alternatives(values)}`;
  return `unknown value${got(input)}${mend}`;
}

function explainDiscriminator(issue: z.core.$ZodIssueInvalidUnion): string {
  const { input, discriminator = 'type' } = issue;
  const value =
    typeof input === 'object' && input !== null
      ? Object.entries(input).find(([k]) => k === discriminator)?.[1]
      : undefined;
  const values = ('options' in issue ? (issue.options ?? []) : []).map(String);
  if (value !== undefined) return explainValue(values, value);
  const near = suggest(String(issue.path.at(-2) ?? ''), values);
  return `${explainValue(values, value)}${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
}

function explainExpected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return isOwnMessage(issue) ? withoutExpected(issue.message) : article(issue.expected);
    case 'invalid_value':
      return alternatives(issue.values);
    case 'too_small':
      return explainBound(issue.origin, issue.inclusive, ['above', 'at least'], issue.minimum);
    case 'too_big':
      return explainBound(issue.origin, issue.inclusive, ['below', 'at most'], issue.maximum);
    default:
      return withoutExpected(issue.message);
  }
}

function withoutExpected(message: string): string {
  return message.replace(/^expected /, '');
}

/** Of a number its value, of a text or a list how much is in it. */
function explainBound(
  origin: string,
  inclusive: boolean | undefined,
  [strictly, orEqual]: readonly [string, string],
  bound: number | bigint,
): string {
  const [what, one, more] = contents[origin] ?? [];
  if (what === undefined) {
    return `a number ${inclusive === false ? strictly : `of ${orEqual}`} ${bound}`;
  }
  return `${what} with ${orEqual} ${Number(bound) === 1 ? `one ${one}` : `${bound} ${more}`}`;
}

const contents: Readonly<Record<string, readonly [what: string, one: string, more: string]>> = {
  string: ['a text', 'character', 'characters'],
  array: ['a list', 'entry', 'entries'],
};

function alternatives(values: readonly z.core.util.Primitive[]): string {
  const [only] = values;
  if (values.length > 1) return `one of ${values.join(', ')}`;
  return typeof only === 'string' ? `"${only}"` : String(only);
}

const articles: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
};

function article(kind: string): string {
  return articles[kind] ?? kind;
}

/** Lists and maps are only named: what is in them may be long, or a secret. */
function got(input: unknown): string {
  if (input === undefined) return '';
  if (input === null) return ' (got nothing; an empty map is {})';
  if (Array.isArray(input)) return input.length === 0 ? ' (got an empty list)' : ' (got a list)';
  if (typeof input === 'object' && input !== null) return ' (got a map)';
  const text = JSON.stringify(input) ?? String(input);
  return ` (got ${text.length > 60 ? `${text.slice(0, 57)}...` : text})`;
}
