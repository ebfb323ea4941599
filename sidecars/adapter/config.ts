import * as z from 'zod';
import { admin, duration } from '../core/config/fields.ts';
import { fetchFields } from './fetch/schema.ts';
import { rulesSchema } from './map/schema.ts';

const source = z
  .strictObject({
    ...fetchFields,
    module: z
      .string()
      .min(1)
      .optional()
      .describe('A JavaScript or TypeScript file whose default export is a defineAdapter(…).'),
    options: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Handed to the module as it is.'),
    prefix: z.string().optional().describe('In front of the names of this source only.'),
    labels: z
      .record(z.string().regex(/^(?!__)./), z.string())
      .default({})
      .describe('Fixed labels on everything of this source; they win over its own.'),
    onError: z
      .enum(['metric', 'http503'])
      .default('metric')
      .describe(
        'When the source fails: only podmates_adapter_source_up 0, or the whole scrape answers 503.',
      ),
    metrics: rulesSchema.optional(),
  })
  .superRefine((one, context) => {
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (one.url !== undefined && one.file !== undefined) {
      complain('file', 'url and file exclude each other; make two sources of them');
    }
    if (one.url === undefined && one.file === undefined && one.module === undefined) {
      complain('url', 'missing; a source has a url, a file or a module');
    }
    if (one.metrics !== undefined && one.format === 'prometheus') {
      complain(
        'metrics',
        'a source of format prometheus has its metrics already; remove one of both',
      );
    }
    if (one.metrics !== undefined && one.module !== undefined) {
      complain('metrics', 'the module makes the metrics; remove one of both');
    }
    if (one.body !== undefined && one.method === 'GET') {
      complain('body', 'a GET has no body; add "method: POST"');
    }
    if (one.url === undefined && one.socket !== undefined) {
      complain(
        'socket',
        'a socket needs a url too, for the path and the Host: http://localhost/stats',
      );
    }
  });

/** The section `adapter:` of podmates.yaml. */
export const adapterSchema = z.strictObject({
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

export type AdapterConfig = z.output<typeof adapterSchema>;
export type SourceConfig = z.output<typeof source>;
/** What may be written: the shape that `suggest` and `convert` print. */
export type AdapterInput = z.input<typeof adapterSchema>;
