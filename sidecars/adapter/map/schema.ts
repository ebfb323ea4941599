import * as z from 'zod';
import { didYouMean, suggest } from '../../core/config/suggest.ts';
import { condition, labelName, pattern, rowSelector, selector, template } from './pick/fields.ts';

const metricName = z
  .string()
  .min(1)
  .refine((name) => name.isWellFormed() && !/[\n\0]/.test(name), {
    message: 'expected a metric name on one line',
  });

/** A label that is neither text nor a map is most likely one that is meant as it stands. */
function tellLabel({ input }: { readonly input?: unknown }): string | undefined {
  if (typeof input === 'string' || typeof input === 'object') return undefined;
  return `expected a path such as a.b; a text that stands for itself is "=${String(input)}"`;
}

const label = z
  .union(
    [
      template(),
      selector(),
      z.strictObject({
        value: z.union([template(), selector()]).describe('Where the label comes from.'),
        regex: pattern().optional(),
        map: z
          .record(z.string(), z.string())
          .optional()
          .describe('From what the document says to the label; "default" for everything else.'),
        missing: z
          .enum(['empty', 'skip', 'error'])
          .default('empty')
          .describe(
            'Without a value: leave out the label, or the row, or the row with a complaint.',
          ),
      }),
    ],
    { error: tellLabel },
  )
  .describe('A path, =text with {paths} in it, $key, $index, or {value, regex, map, missing}.');

const labels = z
  .record(labelName(), label)
  .default({})
  .describe('Labels of every sample; rules inside each: have those of the rows around them too.');

const onDuplicate = z
  .enum(['error', 'drop', 'sum', 'max'])
  .optional()
  .describe(
    'When two samples have the same name and labels: keep the first and complain (error, the default) or not (drop), or add them up, or take the largest.',
  );

const common = {
  help: z.string().default('').describe('One sentence on what the metric says.'),
  labels,
  where: condition().optional(),
  onDuplicate,
};

const unit = z.string().min(1).optional().describe('The unit, which the name ends in: seconds.');

const scale = z
  .number()
  .refine((factor) => factor !== 0, { message: 'a scale of 0 makes everything 0' })
  .default(1)
  .describe('Multiplies the value, as 0.001 to make seconds of milliseconds.');

const missing = z
  .enum(['skip', 'zero', 'error'])
  .default('skip')
  .describe('When the value is absent, null or "": no sample, or 0, or no sample and a complaint.');

const value = {
  value: z
    .union([selector(), z.number()])
    .describe('The path of the value, {jsonpath: …}, or a constant number.'),
  as: z
    .enum(['number', 'bool', 'duration', 'date', 'bytes', 'percent'])
    .optional()
    .describe(
      'How to read text: "12" as number, "yes" as bool, "3h2m" as duration (seconds), an ISO date as date (seconds since the epoch), "150G" as bytes, "28 %" as percent (a ratio).',
    ),
  scale,
  map: z
    .record(z.string(), z.union([z.number(), z.literal('drop')]))
    .optional()
    .describe('From text to number, as {UP: 1, DOWN: 0, default: drop}.'),
  regex: pattern().optional(),
  missing,
};

const counterName = metricName.refine((name) => name.endsWith('_total') && name !== '_total', {
  message: 'the name of a counter ends in "_total"; add it, or use untyped: to keep the name',
});
const infoName = metricName.refine((name) => name.endsWith('_info') && name !== '_info', {
  message: 'the name of an info ends in "_info"; add it, or use gauge: with value: 1',
});

const counter = z.strictObject({
  counter: counterName.describe('A number that only grows, until its app restarts.'),
  ...common,
  ...value,
  unit,
  since: selector()
    .optional()
    .describe('When the counter began to count: an ISO date or seconds; becomes _created.'),
});
const gauge = z.strictObject({
  gauge: metricName.describe('A number that goes up and down.'),
  ...common,
  ...value,
  unit,
});
const untyped = z.strictObject({
  untyped: metricName.describe('A number of which no more is known.'),
  ...common,
  ...value,
  unit,
});
const info = z.strictObject({
  info: infoName.describe('Text about the app, as labels of a sample that is always 1.'),
  ...common,
});
const stateset = z.strictObject({
  stateset: metricName.describe(
    'A state of several: one series for each, 1 for the one that holds.',
  ),
  ...common,
  value: selector().describe('The state, a list of states, or a map from state to true or false.'),
  states: z
    .array(z.string().min(1))
    .min(1)
    .refine((states) => new Set(states).size === states.length, {
      message: 'a state stands in the list twice',
    })
    .describe('Every state there is.'),
  other: z
    .string()
    .min(1)
    .optional()
    .describe('The state that stands for all that are not listed; without it they are dropped.'),
  missing: z.enum(['skip', 'error']).default('skip'),
});
const histogram = z.strictObject({
  histogram: metricName.describe('Counts of observations by size.'),
  ...common,
  unit,
  buckets: selector().describe('{bound: n}, [[bound, n]] or [{le, count}]; +Inf may be left out.'),
  cumulative: z
    .boolean()
    .default(true)
    .describe('Whether each bucket counts everything below it too.'),
  scale: scale.describe('Multiplies the bounds and the sum.'),
  sum: selector().optional().describe('Sum of the observations; without it no _sum and no _count.'),
  count: selector().optional().describe('Number of observations, for what is above every bound.'),
  since: selector().optional(),
  missing: z.enum(['skip', 'error']).default('skip'),
});
const quantile = z
  .string()
  .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'not a quantile, which is a number from 0 to 1 such as 0.99');
const summary = z.strictObject({
  summary: metricName.describe('Quantiles that the app worked out itself.'),
  ...common,
  unit,
  quantiles: z
    .union([selector(), z.record(quantile, selector())])
    .optional()
    .describe('{p99: n}, {"0.99": n}, [[99, n]]; or a map from quantile to path.'),
  scale: scale.describe('Multiplies the quantiles and the sum.'),
  sum: selector().optional().describe('Sum of the observations.'),
  count: selector().optional().describe('Number of observations.'),
  since: selector().optional(),
  missing: z.enum(['skip', 'error']).default('skip'),
});

const eachFields = {
  each: rowSelector().describe(
    'The rows, as in apps.* or pools[*]; paths inside begin at the row.',
  ),
  labels,
  where: condition().optional(),
  onDuplicate,
};
const eachHead = z.strictObject(eachFields);
const each = z.strictObject({
  ...eachFields,
  get metrics(): z.ZodType<Rule[], unknown> {
    return rules;
  },
});

/** One metric, whose type is its key. */
export type MetricRule =
  | z.output<typeof counter>
  | z.output<typeof gauge>
  | z.output<typeof untyped>
  | z.output<typeof info>
  | z.output<typeof stateset>
  | z.output<typeof histogram>
  | z.output<typeof summary>;

/** Rules for the rows of an array or the members of an object. */
export type EachRule = z.output<typeof eachHead> & { readonly metrics: Rule[] };

export type Rule = MetricRule | EachRule;
export type ValueRule = z.output<typeof counter | typeof gauge | typeof untyped>;
export type StateSetRule = z.output<typeof stateset>;
export type HistogramRule = z.output<typeof histogram>;
export type SummaryRule = z.output<typeof summary>;
export type LabelRule = z.output<typeof label>;

const kinds = { counter, gauge, histogram, summary, info, stateset, untyped, each };
const kindNames = Object.keys(kinds);

/** What is wrong with the key that says what a rule is; undefined when there is just one. */
function tellKind({ input }: { readonly input?: unknown }): string | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const found = kindNames.filter((name) => Object.hasOwn(input, name));
  if (found.length === 1) return undefined;
  if (found.length > 1) return `${found.join(' and ')} exclude each other; make two rules of them`;
  const near = Object.keys(input).find((key) => suggest(key, kindNames) !== undefined);
  if (near !== undefined) return `unknown key "${near}"${didYouMean(near, kindNames)}`;
  return `does not say what it makes; add one of ${kindNames.join(', ')}`;
}

const rules: z.ZodType<Rule[], unknown> = z.lazy(() =>
  z
    .array(
      z.union([counter, gauge, histogram, summary, info, stateset, untyped, each], {
        error: tellKind,
      }),
    )
    .min(1)
    .describe('What to make of the document.'),
);

/** The schema of `metrics:`. */
export const rulesSchema = rules;
