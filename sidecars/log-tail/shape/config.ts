import * as z from 'zod';
import { duration, rate } from '../../core/config/fields.ts';
import { linearRegex } from '../../core/linear-regex/field.ts';
import { condition } from '../condition/field.ts';

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

/** One of `steps:`, a map with a single key. */
export const step = z.union([
  z.strictObject({ drop: steps.drop }),
  z.strictObject({ keep: steps.keep }),
  z.strictObject({ sample: steps.sample }),
  z.strictObject({ limit: steps.limit }),
  z.strictObject({ redact: steps.redact }),
  z.strictObject({ add: steps.add }),
  z.strictObject({ remove: steps.remove }),
  z.strictObject({ rename: steps.rename }),
  z.strictObject({ dedupe: steps.dedupe }),
  z.strictObject({
    module: steps.module,
    options: z.unknown().optional().describe('Handed to the module as it is.'),
  }),
]);

export type StepConfig = z.output<typeof step>;
export type RedactRule = z.output<typeof redactRule>;
export type Scalar = z.output<typeof scalar>;
export type SampleConfig = z.output<typeof steps.sample>;
export type LimitConfig = z.output<typeof steps.limit>;
export type DedupeConfig = z.output<typeof steps.dedupe>;
