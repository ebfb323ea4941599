import * as z from 'zod';
import { ConfigError, describeError, type Problem } from '../errors.ts';
import { formatPath, type PathKey, parseSource, type SourceDocument } from './document.ts';
import { type Environment, interpolate } from './environment.ts';
import { toProblems } from './issues.ts';
import { didYouMean } from './suggest.ts';

/** The keys of podmates.yaml: one section for each container. */
export const sectionNames = ['logTail', 'ambassador', 'adapter'] as const;
export type SectionName = (typeof sectionNames)[number];

export interface ConfigText {
  readonly text: string;
  /** The file's name as errors show it. */
  readonly file: string;
  readonly environment: Environment;
}

/** podmates.yaml with its variables filled in and its sections found, but not yet judged. */
export interface ConfigSource {
  readonly file: string;
  readonly present: readonly SectionName[];
  /** What is wrong outside of the sections, such as the misspelt name of one. */
  readonly problems: readonly Problem[];
  /**
   * Validates one section and fills in its defaults. Variables that only other sections name need
   * not be set: every container of the pod has an environment of its own.
   * @throws ConfigError with every problem of the section, each with its place and the mend, and
   *   with those outside of the sections
   */
  section<T>(name: SectionName, schema: z.ZodType<T>): T;
}

/**
 * Reads the text of a podmates.yaml.
 * @throws ConfigError for syntax errors, duplicate keys, and what is no map at all
 */
export function readConfig({ text, file, environment }: ConfigText): ConfigSource {
  const source = parseSource(text, file);
  const { missing, paths } = interpolate(source, environment);
  const root = toValues(source);
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new ConfigError([
      source.problemAt([], `expected a map with the sections ${sectionNames.join(', ')}`),
    ]);
  }
  const problems = checkRoot(root, source);
  const values = new Map(Object.entries(root));
  return {
    file,
    present: sectionNames.filter((name) => values.has(name)),
    problems,
    section(name, schema) {
      if (!values.has(name)) {
        throw new ConfigError([...problems, missingSection(source, name, values)]);
      }
      const unset = missing.filter(({ path }) => path[0] === name).map(({ problem }) => problem);
      const result = validate(values.get(name) ?? {}, schema, source, name, paths);
      if (result.success && problems.length + unset.length === 0) return result.data;
      // What is wrong with a text only because its variable is not set is not worth saying.
      const wrong = result.problems.filter((one) => !unset.some((other) => atOnePlace(one, other)));
      throw new ConfigError([...problems, ...unset, ...wrong]);
    },
  };
}

function atOnePlace(one: Problem, other: Problem): boolean {
  return one.line === other.line && one.column === other.column;
}

function toValues(source: SourceDocument): unknown {
  try {
    return source.document.toJS() ?? {};
  } catch (error) {
    // Aliases of aliases that would unfold to more than any config can need.
    throw new ConfigError([source.problemAt([], describeError(error))]);
  }
}

function checkRoot(root: object, source: SourceDocument): Problem[] {
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(root)) {
    if (key === 'version') {
      if (value !== 1)
        problems.push(source.problemAt([key], `expected 1 (got ${JSON.stringify(value)})`));
    } else if (!sectionNames.some((name) => name === key)) {
      const known = [...sectionNames, 'version'];
      problems.push(source.problemAtKey([key], `unknown section${didYouMean(key, known)}`));
    }
  }
  return problems;
}

function missingSection(
  source: SourceDocument,
  name: SectionName,
  values: ReadonlyMap<string, unknown>,
): Problem {
  const present = sectionNames.filter((section) => values.has(section));
  const has = present.length === 0 ? 'the file is empty' : `the file has ${present.join(', ')}`;
  return source.problemAt([], `no section "${name}:" (${has}); add one, even an empty one`);
}

type Validated<T> =
  | { readonly success: true; readonly data: T; readonly problems: readonly [] }
  | { readonly success: false; readonly problems: readonly Problem[] };

function validate<T>(
  value: unknown,
  schema: z.ZodType<T>,
  source: SourceDocument,
  name: SectionName,
  interpolated: ReadonlySet<string>,
): Validated<T> {
  let result = schema.safeParse(value, { reportInput: true });
  if (!result.success) {
    const retyped = retype(value, result.error.issues, name, interpolated);
    if (retyped) result = schema.safeParse(value, { reportInput: true });
  }
  if (result.success) return { success: true, data: result.data, problems: [] };
  return { success: false, problems: toProblems(result.error.issues, schema, source, [name]) };
}

/**
 * A value that came whole from a variable is text. Where a number or a boolean was expected and the
 * text is one, it is made one, in place; so a label stays "007" and a port becomes 8080.
 */
function retype(
  root: unknown,
  issues: readonly z.core.$ZodIssue[],
  section: string,
  interpolated: ReadonlySet<string>,
): boolean {
  let changed = false;
  for (const { path, code } of flatten(issues)) {
    if (code !== 'invalid_type' && code !== 'invalid_union') continue;
    const last = path.at(-1);
    if (last === undefined || !interpolated.has(JSON.stringify([section, ...path]))) continue;
    const parent = path.slice(0, -1).reduce<unknown>(step, root);
    const text = step(parent, last);
    if (typeof text !== 'string' || typeof parent !== 'object' || parent === null) continue;
    const typed = text === 'true' ? true : text === 'false' ? false : Number(text);
    if (text.trim() === '' || Number.isNaN(typed)) continue;
    Reflect.set(parent, last, typed);
    changed = true;
  }
  return changed;
}

function flatten(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const inner = flatten(issue.errors.flat());
    return [issue, ...inner.map((at) => ({ ...at, path: [...issue.path, ...at.path] }))];
  });
}

function step(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** The JSON Schema (2020-12) of what may be written in a section. */
export function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => offerShortForm(jsonSchema),
  });
}

/**
 * A map that may also be written as one value says so by `.meta({ shortForm })`: what makes the map
 * of the value is code, in which JSON Schema sees nothing.
 */
function offerShortForm(schema: Record<string, unknown>): void {
  const { shortForm, description, ...map } = schema;
  if (shortForm === undefined) return;
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, { description, anyOf: [shortForm, map] });
}

export { formatPath, type PathKey };
