import * as z from 'zod';
import { linearRegex } from '../../../core/linear-regex/field.ts';
import { type Condition, parseCondition } from './condition.ts';
import { compileJsonPath, type JsonPath } from './jsonpath.ts';
import { isPlural, type Path, parsePath } from './path.ts';
import { parseTemplate, type Template } from './template.ts';

/** What picks values out of a document: an own path, or an RFC 9535 query. */
export type Selector = Shown & (Path | { readonly start: 'jsonpath'; readonly query: JsonPath });

/** Shows itself as it was written wherever the config is shown. */
export interface Shown {
  toJSON(): unknown;
}

/** A selector of one value: `a.b`, `$key`, or `{jsonpath: $.a.b}`. */
export function selector() {
  return z.union([path().refine((one) => !isPlural(one), { message: onlyOne }), jsonpath()]);
}

/** A selector of the rows of `each`. */
export function rowSelector() {
  return z.union([
    path().refine((one) => isPlural(one), {
      message: 'each visits what a "*" matches; write it as rows.* or rows[*]',
    }),
    jsonpath(),
  ]);
}

const onlyOne = 'a "*" matches many values, and one is wanted; put the rule under each:';

function path() {
  return z.string('expected a path such as a.b').transform((text, context): Shown & Path => {
    const parsed = parsePath(text);
    if (!('fault' in parsed)) return { ...parsed, toJSON: () => text };
    context.addIssue({ code: 'custom', message: parsed.fault });
    return z.NEVER;
  });
}

function jsonpath() {
  return z
    .strictObject(
      { jsonpath: z.string().min(1) },
      { error: ({ code }) => (code === 'invalid_type' ? 'expected {jsonpath: $.a.b}' : undefined) },
    )
    .transform((written, context): Selector => {
      try {
        const query = compileJsonPath(written.jsonpath);
        return { start: 'jsonpath', query, toJSON: () => written };
      } catch (error) {
        const message = `not an RFC 9535 query: ${reasonOf(error)}`;
        context.addIssue({ code: 'custom', path: ['jsonpath'], message });
        return z.NEVER;
      }
    })
    .describe('An RFC 9535 query; inside each, "$" is the row.');
}

/** A condition such as `enabled == true and size > 10`. */
export function condition() {
  return z
    .string()
    .transform((text, context): Shown & { readonly condition: Condition } => {
      try {
        return { condition: parseCondition(text), toJSON: () => text };
      } catch (error) {
        context.addIssue({ code: 'custom', message: `${reasonOf(error)} (in "${text}")` });
        return z.NEVER;
      }
    })
    .describe('Only rows for which this holds, as in: enabled == true and size > 10.');
}

/** The name of a label; UTF-8 is well, but for those that Prometheus keeps for itself. */
export function labelName() {
  return z.string().refine((name) => name !== '' && !name.startsWith('__') && name.isWellFormed(), {
    message: 'not a label name: names that begin with "__" are reserved by Prometheus',
  });
}

/** A pattern whose first group, or else the whole match, is the value. */
export function pattern() {
  return linearRegex().describe(
    'An RE2 pattern; its first group, or else the whole match, is the value.',
  );
}

/** `=text` with paths in braces, as in `=planet-{location}`. */
export function template() {
  return z
    .string()
    .startsWith('=')
    .transform((text, context): Shown & Template => {
      const parsed = parseTemplate(text.slice(1));
      if (!('fault' in parsed)) return { ...parsed, toJSON: () => text };
      context.addIssue({ code: 'custom', message: parsed.fault });
      return z.NEVER;
    });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
