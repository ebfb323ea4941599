import * as z from 'zod';
import { admin, duration } from '../core/config/fields.ts';
import { checkRules } from './map/check-rules.ts';
import { source } from './source-config.ts';

const section = z.strictObject({
  admin: admin(7103),
  prefix: z.string().default('').describe('In front of the name of every mapped metric: shop_.'),
  scrapeOffset: duration()
    .prefault('250ms')
    .describe('How much before the scrape times out the page is sent, with what there is by then.'),
  limits: z
    .strictObject({
      series: z.int().positive().default(50_000).describe('Most samples of one source on a page.'),
      labelLength: z.int().positive().default(1024).describe('Most characters of a label.'),
    })
    .prefault({}),
  sources: z
    .record(z.string().regex(/^[A-Za-z][\w-]*$/, 'a name of letters, digits, "-" and "_"'), source)
    .describe('What the page is made of, each under a name of your choice.'),
});

/** The section `adapter:` of podmates.yaml. */
export const adapterSchema = section.superRefine(({ sources, prefix }, context) => {
  const declared = new Map<string, string>();
  for (const [name, { metrics = [], labels, prefix: own }] of Object.entries(sources)) {
    const options = { prefix: own ?? prefix, fixed: Object.keys(labels), declared };
    for (const { path, message } of checkRules(metrics, options)) {
      context.addIssue({ code: 'custom', path: ['sources', name, 'metrics', ...path], message });
    }
  }
});

export type AdapterConfig = z.output<typeof adapterSchema>;
export type { SourceConfig } from './source-config.ts';
/** What may be written: the shape that `suggest` and `convert` print. */
export type AdapterInput = z.input<typeof adapterSchema>;
