import * as z from 'zod';
import { duration, hostAndPort, size, url } from '../../core/config/fields.ts';
import { httpTargetFields, tlsFields } from '../../core/http/target.ts';
import { condition } from '../condition/field.ts';
import { kafkaFields } from './receivers/kafka-config.ts';

const when = condition().optional().describe('Sends only records for which this holds.');
const as = z
  .enum(['original', 'json'])
  .default('original')
  .describe('The line as it was written, or one JSON object with everything known about it.');

const shipping = {
  when,
  required: z
    .boolean()
    .default(true)
    .describe('Whether reading waits for it: nothing is lost while it is down.'),
  batch: z
    .strictObject({
      bytes: size().prefault('1MiB').describe('How much to send at once.'),
      wait: duration().prefault('1s').describe('How long to wait for more.'),
    })
    .prefault({})
    .describe('How records are put together.'),
  retry: z
    .strictObject({
      min: duration().prefault('100ms').describe('Upper bound of the first wait.'),
      max: duration().prefault('30s').describe('Upper bound of any wait.'),
      attempts: z.int().min(1).optional().describe('Gives a batch up after these; never without.'),
    })
    .prefault({})
    .describe('What happens after a failure that may pass.'),
  queue: z
    .strictObject({ bytes: size().prefault('16MiB').describe('How much waits in memory.') })
    .prefault({})
    .describe('What waits to be sent.'),
  whenFull: z
    .enum(['dropOldest', 'dropNewest'])
    .default('dropOldest')
    .describe('What goes, and is counted, when it is not required and everything is full.'),
  spool: z
    .strictObject({
      path: z.string().min(1).describe('A directory of its own.'),
      bytes: size().prefault('512MiB').describe('How much of the disk it may take.'),
    })
    .optional()
    .describe('Where batches go when the queue in memory is full; only when not required.'),
  rejected: z
    .strictObject({
      path: z.string().min(1).describe('The file to append to, as JSON lines.'),
      bytes: size().prefault('64MiB').describe('At this size it is moved to FILE.1.'),
    })
    .optional()
    .describe('Where records go that the receiver refuses; without it they are only counted.'),
};

const compress = z.enum(['none', 'gzip']).default('none').describe('How bodies are compressed.');
const http = { ...httpTargetFields('30s'), compress };
const labelName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'expected a label name such as status; of a field with other signs, {status: http.status}',
  );
const fieldNames = z.array(z.string().min(1));

const variants = {
  stdout: { when, as },
  file: {
    when,
    as,
    path: z.string().min(1).describe('The file to append to.'),
    rotate: z
      .strictObject({
        bytes: size().prefault('100MiB').describe('At this size it is moved to FILE.1.'),
        keep: z.int().min(1).default(5).describe('How many moved files stay.'),
      })
      .prefault({})
      .describe('When the file is moved out of the way.'),
  },
  http: {
    ...shipping,
    url: url('http', 'https').describe('Where to POST.'),
    as,
    body: z
      .enum(['ndjson', 'array'])
      .default('ndjson')
      .describe('One record per line, or a JSON array (with as: json).'),
    ...http,
  },
  loki: {
    ...shipping,
    url: url('http', 'https').describe('Such as http://loki:3100/loki/api/v1/push.'),
    tenant: z.string().optional().describe('X-Scope-OrgID.'),
    labels: z
      .record(labelName, z.string().min(1))
      .or(z.array(labelName).transform((all) => Object.fromEntries(all.map((one) => [one, one]))))
      .default({})
      .describe('Stream labels: fields, or a map from label to field; few values each.'),
    metadata: fieldNames.default([]).describe('Fields to send as structured metadata.'),
    ...http,
  },
  elasticsearch: {
    ...shipping,
    url: url('http', 'https').describe('Such as http://elasticsearch:9200; /_bulk is added.'),
    index: z.string().min(1).describe('The index or data stream; {date} is 2026.11.23.'),
    ...http,
  },
  otlp: {
    ...shipping,
    url: url('http', 'https').describe('Such as http://collector:4318/v1/logs.'),
    resource: z
      .record(z.string(), z.string())
      .default({})
      .describe('Resource attributes such as service.name, beside the labels.'),
    ...http,
  },
  syslog: {
    ...shipping,
    address: hostAndPort('logs:6514').describe('HOST:PORT of the receiver.'),
    transport: z.enum(['udp', 'tcp', 'tls']).default('tcp').describe('RFC 5426, 6587 or 5425.'),
    tls: tlsFields.optional().describe('TLS towards the receiver.'),
    facility: z.int().min(0).max(23).default(16).describe('RFC 5424 facility; 16 is local0.'),
    hostname: z.string().max(255).optional().describe('HOSTNAME; of this machine without it.'),
    appName: z.string().max(48).optional().describe('APP-NAME; the name of the input without it.'),
    timeout: duration().prefault('10s').describe('Upper bound for connecting and sending.'),
  },
  forward: {
    ...shipping,
    address: hostAndPort('fluentd:24224').describe(
      'HOST:PORT of a Fluentd or Fluent Bit with a forward input.',
    ),
    tag: z.string().min(1).default('podmates.{input}').describe('The tag; {input} is filled in.'),
    tls: tlsFields.optional().describe('TLS towards the receiver.'),
    timeout: duration().prefault('30s').describe('Upper bound for an acknowledgement.'),
  },
  kafka: { ...shipping, as, ...kafkaFields },
  module: {
    ...shipping,
    module: z
      .string()
      .min(1)
      .describe('A file that exports a sink as its default, see defineSink.'),
    options: z.unknown().optional().describe('Handed to the module as it is.'),
    timeout: duration().prefault('30s').describe('Upper bound for one write.'),
  },
};

type Variants = typeof variants;

/** A variant whose type is said. */
function tagged<T extends keyof Variants>(type: T) {
  return z.strictObject({ type: z.literal(type), ...variants[type] });
}

/** A variant under a key that is the name of its type, which need not be said then. */
function keyed<T extends keyof Variants>(type: T) {
  return z.strictObject({ type: z.literal(type).default(type), ...variants[type] }).optional();
}

const output = z.discriminatedUnion('type', [
  tagged('stdout'),
  tagged('file'),
  tagged('http'),
  tagged('loki'),
  tagged('elasticsearch'),
  tagged('otlp'),
  tagged('syslog'),
  tagged('forward'),
  tagged('kafka'),
  tagged('module'),
]);

export type OutputConfig = z.output<typeof output>;
export type OutputType = OutputConfig['type'];
export type OutputOf<T extends OutputType> = Extract<OutputConfig, { type: T }>;
/** An output with a queue in front: all but those that are written to at once. */
export type ShippingConfig = Exclude<OutputConfig, { type: 'stdout' | 'file' }>;
export type OutputsConfig = Readonly<Record<string, OutputConfig>>;

/** `outputs:`, by names of the user's own; a name that is a type needs no `type:`. */
export const outputs: z.ZodType<OutputsConfig, unknown> = z
  .object({
    stdout: keyed('stdout'),
    file: keyed('file'),
    http: keyed('http'),
    loki: keyed('loki'),
    elasticsearch: keyed('elasticsearch'),
    otlp: keyed('otlp'),
    syslog: keyed('syslog'),
    forward: keyed('forward'),
    kafka: keyed('kafka'),
    module: keyed('module'),
  })
  .catchall(output)
  .prefault({ stdout: { type: 'stdout' } })
  .superRefine((all, context) => {
    for (const [name, one] of Object.entries(all)) {
      if (one !== undefined) complain(name, one, context);
    }
    const direct = Object.values(all).filter((one) => one?.type === 'stdout');
    if (direct.length > 1) context.addIssue({ code: 'custom', message: 'only one can be stdout' });
  })
  .transform((all): OutputsConfig => {
    const given = Object.entries(all).filter(([, one]) => one !== undefined);
    return Object.fromEntries(given) as Record<string, OutputConfig>;
  })
  .describe('Where records go, by name; standard output when there is nothing here.');

function complain(name: string, one: OutputConfig, context: z.core.$RefinementCtx): void {
  const problem = (key: string, message: string) =>
    context.addIssue({ code: 'custom', path: [name, key], message });
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    context.addIssue({
      code: 'custom',
      path: [name],
      message: 'expected a name of letters, digits, _ and -',
    });
  }
  if ('spool' in one && one.spool !== undefined && one.required) {
    problem('spool', 'a required output holds reading instead; set required: false to spool');
  }
  if ('queue' in one && !one.required && one.batch.bytes > one.queue.bytes) {
    problem('queue', 'a batch of batch.bytes would never fit; raise queue.bytes or lower that');
  }
  if ('retry' in one && one.retry.min > one.retry.max) {
    problem('retry', 'min is above max');
  }
  if (one.type === 'http' && one.body === 'array' && one.as === 'original') {
    problem('body', 'lines as they were written are no JSON array; set as: json');
  }
  if ('transport' in one && one.tls !== undefined && one.transport !== 'tls') {
    problem('tls', 'only for transport: tls');
  }
}
