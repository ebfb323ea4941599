import * as z from 'zod';
import { fetchFields } from './fetch/schema.ts';
import { labelName } from './map/pick/fields.ts';
import { rulesSchema } from './map/schema.ts';
import { presetNames } from './presets/preset.ts';

const shape = z.strictObject({
  ...fetchFields,
  preset: z
    .enum(presetNames)
    .optional()
    .describe('A mapping that comes with podmates; see "podmates adapter presets".'),
  module: z
    .string()
    .min(1)
    .optional()
    .describe('A JavaScript or TypeScript file whose default export is a defineAdapter(…).'),
  options: z.record(z.string(), z.unknown()).default({}).describe('Handed to the module as it is.'),
  prefix: z.string().optional().describe('In front of the names of this source only.'),
  labels: z
    .record(labelName(), z.string())
    .default({})
    .describe('Fixed labels on everything of this source; they win over its own.'),
  timeZone: z
    .string()
    .refine(isTimeZone, { message: 'not a time zone such as UTC, Europe/Berlin or +02:00' })
    .optional()
    .describe('Of dates that say none, such as UTC or Europe/Berlin; else they are dropped.'),
  onError: z
    .enum(['metric', 'http503'])
    .default('metric')
    .describe(
      'When the source fails: only podmates_adapter_source_up 0, or the whole scrape answers 503.',
    ),
  metrics: rulesSchema
    .optional()
    .describe('What to make of the document; without it, every number becomes a metric.'),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export type SourceConfig = z.output<typeof shape>;
type Context = z.core.$RefinementCtx<Partial<SourceConfig>>;

/** A named source of the page. */
export const source = shape.superRefine((one, context) => {
  const { url, file, module, preset, socket } = one;
  if (url !== undefined && file !== undefined) {
    complain(context, 'file', 'url and file exclude each other; make two sources of them');
  }
  if (preset !== undefined && file !== undefined) {
    complain(context, 'file', 'a preset asks several addresses; give it the url of the app');
  }
  if (url === undefined && file === undefined && module === undefined && preset === undefined) {
    complain(context, 'url', 'missing; a source has a url, a file, a preset or a module');
  }
  if (url === undefined && preset === undefined && socket !== undefined) {
    complain(
      context,
      'socket',
      'a socket needs a url too, for the path and the Host: http://localhost/stats',
    );
  }
  if (url === undefined && preset === undefined) {
    for (const key of idleWithoutUrl(one)) complain(context, key, 'there is no url to ask with it');
  }
  judgeMapping(one, context);
});

/** What is said of an exchange that never takes place. */
function idleWithoutUrl(one: Partial<SourceConfig>): readonly string[] {
  const { auth, tls, body, query = {}, headers = {}, method, followRedirects } = one;
  const said = {
    auth: auth !== undefined,
    tls: tls !== undefined,
    body: body !== undefined,
    query: Object.keys(query).length > 0,
    headers: Object.keys(headers).length > 0,
    method: method !== undefined && method !== 'GET',
    followRedirects: followRedirects === true,
  };
  return Object.entries(said).flatMap(([key, isSaid]) => (isSaid ? [key] : []));
}

/** A source whose URL a probe names. */
export const probeModule = shape
  .omit({
    url: true,
    file: true,
    socket: true,
    preset: true,
    cache: true,
    onError: true,
    followRedirects: true, // only what is listed may be asked
  })
  .superRefine((one, context) => judgeMapping(one, context));

/** A module of a probe as the source that it is without a URL of its own. */
export function sourceOfModule(module: z.output<typeof probeModule>): SourceConfig {
  return { ...module, onError: 'metric', followRedirects: false };
}

function judgeMapping(
  one: Pick<
    Partial<SourceConfig>,
    'metrics' | 'preset' | 'module' | 'format' | 'body' | 'method' | 'options' | 'timeZone'
  >,
  context: Context,
): void {
  const { metrics, preset, module, format, body, method, options = {}, timeZone } = one;
  if (metrics !== undefined && format === 'prometheus') {
    const mend = 'a source of format prometheus has its metrics already; remove one of both';
    complain(context, 'metrics', mend);
  }
  if (metrics !== undefined && module !== undefined) {
    complain(context, 'metrics', 'the module makes the metrics; remove one of both');
  }
  if (preset !== undefined && (metrics !== undefined || module !== undefined)) {
    complain(
      context,
      'preset',
      'the preset has its metrics; put others into a source of their own',
    );
  }
  if (module === undefined && Object.keys(options).length > 0) {
    complain(context, 'options', 'options go to a module, and there is none');
  }
  if (metrics === undefined && timeZone !== undefined) {
    complain(context, 'timeZone', 'it is that of dates that metrics: read, and there are none');
  }
  if (body !== undefined && method === 'GET') {
    complain(context, 'body', 'a GET has no body; add "method: POST"');
  }
}

function complain(context: Context, key: string, message: string): void {
  context.addIssue({ code: 'custom', path: [key], message });
}
