import * as z from 'zod';
import { duration } from '../../core/config/fields.ts';
import { linearRegex } from '../../core/linear-regex/field.ts';
import { condition } from '../condition/field.ts';

const metricName = z
  .string()
  .regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, 'expected a metric name such as app_lines_total')
  .refine((name) => !/^(podmates|process)_/.test(name), {
    message: 'names that begin with podmates_ or process_ are taken by log-tail itself',
  });
const labelName = z
  .string()
  .regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, 'expected a label name such as status_code');
const field = z.string().min(1);

const labels = z
  .union([
    z.array(labelName).transform((names) => Object.fromEntries(names.map((name) => [name, name]))),
    z.record(labelName, field),
  ])
  .default({})
  .describe('Label names that are also fields, or a map from label name to field.');

const common = {
  help: z.string().optional().describe('The text of # HELP.'),
  when: condition().optional().describe('Counts only records for which this holds.'),
  match: linearRegex()
    .optional()
    .describe('Counts only lines that match; its named groups are fields here.'),
  labels,
  maxSeries: z.int().min(1).default(1000).describe('Further series are dropped, and counted.'),
  expire: duration().optional().describe('A series with no record for this long goes away.'),
};

const value = {
  value: field.describe('The field, or named group, with the number.'),
  scale: z.number().default(1).describe('What to multiply the number by.'),
};

const buckets = z
  .array(z.number())
  .min(1)
  .refine((bounds) => bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0)), {
    message: 'expected bounds that rise',
  })
  .default([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
  .describe('The upper bounds of the buckets.');

const metric = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('counter'),
    ...common,
    value: value.value.optional(),
    scale: value.scale,
  }),
  z.strictObject({ type: z.literal('gauge'), ...common, ...value }),
  z
    .strictObject({ type: z.literal('histogram'), ...common, ...value, buckets })
    .refine(({ labels: { le } }) => le === undefined, { message: 'the label le is taken' }),
]);

/** `metrics:`, made from lines; by their names. */
export const lineMetrics = z
  .record(metricName, metric)
  .default({})
  .describe('Metrics made from the records that pass the steps, by name.');

export type LineMetricConfig = z.output<typeof metric>;
export type LineMetricsConfig = z.output<typeof lineMetrics>;
