import type { LinearRegex } from '../../core/linear-regex/compile.ts';

/**
 * What a condition asks about a record.
 *
 *     level == "debug"                          a field of the record; missing is null
 *     status >= 500 and not path in ["/a", "/b"]
 *     http.status != null                       a nested field, or one whose key has the dot in it
 *     `user-agent` matches "^curl/"             any key in back quotes; patterns are RE2, unanchored
 *     $severity >= "warn"                       trace < debug < info < warn < error < fatal
 *     $line matches "OOM" or $input == "app"    the text as written, the input's name, the file's path
 *     error                                     there, and neither null nor false
 */
export type Condition =
  | { readonly type: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly type: 'not'; readonly inner: Condition }
  | { readonly type: 'present'; readonly field: FieldReference }
  | {
      readonly type: 'compare';
      readonly field: FieldReference;
      readonly operator: Operator;
      readonly literal: Literal;
    }
  | { readonly type: 'in'; readonly field: FieldReference; readonly literals: readonly Literal[] }
  | { readonly type: 'matches'; readonly field: FieldReference; readonly regex: LinearRegex };

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Literal = string | number | boolean | null;

export const specialNames = ['$line', '$input', '$path', '$severity'] as const;
export type SpecialName = (typeof specialNames)[number];

export interface FieldReference {
  /** As it was written, without back quotes. */
  readonly name: string;
  /** Something about the record that is not one of its fields. */
  readonly special?: SpecialName;
}

/** The fields a condition asks for, each once. */
export function referencedFields(condition: Condition): readonly FieldReference[] {
  const found = new Map<string, FieldReference>();
  const visit = (at: Condition): void => {
    if ('field' in at) found.set(at.field.name, at.field);
    else if (at.type === 'not') visit(at.inner);
    else {
      visit(at.left);
      visit(at.right);
    }
  };
  visit(condition);
  return [...found.values()];
}
