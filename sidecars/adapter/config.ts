import * as z from 'zod';
import { admin, duration } from '../core/config/fields.ts';
import { checkRules } from './map/check-rules.ts';
import { probeSchema } from './probe/schema.ts';
import { pushSchema, textfileSchema } from './publish/push-schema.ts';
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
    .default({})
    .describe('What the page is made of, each under a name of your choice.'),
  probe: probeSchema.prefault({}),
  push: pushSchema.optional(),
  textfile: textfileSchema.optional(),
});

/** The section `adapter:` of podmates.yaml. */
export const adapterSchema = section.superRefine(({ sources, prefix, probe }, context) => {
  if (Object.keys(sources).length + Object.keys(probe.modules).length === 0) {
    const message =
      'no sources; name one, as in sources: { app: { url: http://127.0.0.1:8080/stats } }';
    context.addIssue({ code: 'custom', path: ['sources'], message });
  }
  const declared = new Map<string, string>();
  for (const [name, { metrics = [], labels, prefix: own }] of Object.entries(sources)) {
    const options = { prefix: own ?? prefix, fixed: Object.keys(labels), declared };
    for (const { path, message } of checkRules(metrics, options)) {
      context.addIssue({ code: 'custom', path: ['sources', name, 'metrics', ...path], message });
    }
  }
  for (const [name, { metrics = [], labels, prefix: own }] of Object.entries(probe.modules)) {
    // Each module makes a page of its own.
    const options = { prefix: own ?? prefix, fixed: Object.keys(labels), declared: new Map() };
    for (const { path, message } of checkRules(metrics, options)) {
      const place = ['probe', 'modules', name, 'metrics', ...path];
      context.addIssue({ code: 'custom', path: place, message });
    }
  }
});

export type AdapterConfig = z.output<typeof adapterSchema>;
export type { SourceConfig } from './source-config.ts';
/** What may be written: the shape that `suggest` and `convert` print. */
export type AdapterInput = z.input<typeof adapterSchema>;
