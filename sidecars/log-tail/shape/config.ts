import * as z from 'zod';
import { duration, rate } from '../../core/config/fields.ts';
import { linearRegex } from '../../core/linear-regex/field.ts';
import { type ConditionSource, condition } from '../condition/field.ts';

export const redactNames = ['email', 'card', 'bearer', 'jwt', 'ip'] as const;

const field = z.string().min(1);
const fields = z.union([field.transform((one) => [one]), z.array(field).min(1)]);

const redactRule = z.union([
  z.enum(redactNames),
  z.strictObject({ field: field.describe('The whole value of this field, at any depth.') }),
  z.strictObject({
    pattern: linearRegex().describe('Everything that matches.'),
    as: z.string().default('[redacted]').describe('What to put in its place.'),
  }),
]);

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const steps = {
  drop: condition().describe('Leaves out records for which this holds.'),
  keep: condition().describe('Leaves out records for which this does not hold.'),
  sample: z
    .strictObject({
      when: condition().optional().describe('Which records to sample; all of them without it.'),
      keep: z.number().gt(0).lt(1).describe('The share to keep, between 0 and 1.'),
    })
    .describe('Keeps a share; the same records when they are read again.'),
  limit: z
    .strictObject({
      rate: rate().describe('How many records may pass.'),
      burst: z.int().min(1).optional().describe('How many may pass at once; as many as in 1 s.'),
      by: field.optional().describe('A field with an own limit for each of its values.'),
    })
    .describe('Leaves out what comes faster.'),
  redact: z
    .array(redactRule)
    .min(1)
    .describe('Masks email, card, bearer, jwt, ip, a {field: name} or a {pattern: regex}.'),
  add: z.record(field, scalar).describe('Sets fields.'),
  remove: fields.describe('Removes fields.'),
  rename: z.record(field, field).describe('Renames fields, from: to.'),
  dedupe: z
    .strictObject({
      window: duration().prefault('10s').describe('How long a repetition is left out.'),
      by: fields.optional().describe('The fields that make records equal; the whole line without.'),
    })
    .describe('Leaves out repetitions; the next one that passes says how many in "repeated".'),
  module: field.describe('A file that exports a transform as its default, see defineTransform.'),
};

const step = z
  .strictObject({
    ...z.object(steps).partial().shape,
    options: z.unknown().optional().describe('Handed to the module as it is.'),
  })
  .superRefine(({ options, ...given }, context) => {
    const names = Object.keys(given);
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (names.length !== 1) {
      const found = names.length === 0 ? 'none' : names.join(' and ');
      complain(
        `a step is one of ${Object.keys(steps).join(', ')} (got ${found}); begin each with "-"`,
      );
    } else if (options !== undefined && given.module === undefined) {
      complain('options: is only for a module');
    }
  });

/** `steps:`, each a map with a single key. */
export const stepList = z.array(step.transform((given) => given as StepConfig));

interface Steps {
  readonly drop: ConditionSource;
  readonly keep: ConditionSource;
  readonly sample: SampleConfig;
  readonly limit: LimitConfig;
  readonly redact: readonly RedactRule[];
  readonly add: Readonly<Record<string, Scalar>>;
  readonly remove: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly dedupe: DedupeConfig;
}

/** A map with exactly one of the keys. */
export type StepConfig =
  | { [K in keyof Steps]: { readonly [key in K]: Steps[K] } }[keyof Steps]
  | { readonly module: string; readonly options?: unknown };

export type RedactRule = z.output<typeof redactRule>;
export type Scalar = z.output<typeof scalar>;
export type SampleConfig = z.output<typeof steps.sample>;
export type LimitConfig = z.output<typeof steps.limit>;
export type DedupeConfig = z.output<typeof steps.dedupe>;
