import * as z from 'zod';
import { admin, duration } from '../core/config/fields.ts';
import { complainAboutSource, followFields } from './follow/config.ts';
import { lineMetrics } from './line-metrics/config.ts';
import { parseFields } from './parse/config.ts';
import { stepList } from './shape/config.ts';
import { outputs } from './ship/config.ts';
import { findUnmatchable } from './unmatchable.ts';
import { findClashes } from './written-files.ts';

const input = z.strictObject({ ...followFields, ...parseFields }).superRefine((fields, context) => {
  const message = complainAboutSource(fields);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const shutdown = z
  .strictObject({
    quiet: duration()
      .prefault('1s')
      .describe('At the end, how long no file may grow before reading stops.'),
    deadline: duration().prefault('20s').describe('How long the end may take in all.'),
  })
  .prefault({})
  .describe('What happens at SIGTERM: read until quiet, flush, checkpoint, exit.');

const section = z.strictObject({
  state: z
    .string()
    .min(1)
    .optional()
    .describe('A directory for the checkpoint, on a volume that outlives the container.'),
  checkpoint: z
    .strictObject({ every: duration().prefault('1s').describe('How often it is written.') })
    .prefault({})
    .describe('Where reading goes on after a restart; what came behind it is delivered again.'),
  maxOpenFiles: z
    .int()
    .min(1)
    .default(256)
    .describe('How many files may be open; of those that are idle, others are closed.'),
  inputs: z
    .record(
      z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected a name of letters, digits, _ and -'),
      input,
    )
    .refine((inputs) => Object.keys(inputs).length > 0, 'expected at least one input')
    .refine((inputs) => Object.values(inputs).filter(({ stdin }) => stdin).length < 2, {
      message: 'only one input can be standard input',
    })
    .describe('What to follow, by a name of your own that becomes the label "input".'),
  labels: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a label name'), z.string())
    .default({})
    .describe('What is known of the pod, such as namespace: ${POD_NAMESPACE}; for every record.'),
  steps: stepList.default([]).describe('What is done to each record, in this order.'),
  metrics: lineMetrics,
  outputs,
  shutdown,
  exitWhen: z
    .strictObject({ file: z.string().min(1).describe('A file that the app makes when it ends.') })
    .optional()
    .describe('Ends by itself, for Jobs where it is not a native sidecar.'),
  admin: admin(7101),
});

/** The section `logTail:` of podmates.yaml. */
export const logTailSchema = section.superRefine((config, context) => {
  for (const { path, message } of [...findUnmatchable(config), ...findClashes(config)]) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});

export type LogTailConfig = z.output<typeof logTailSchema>;
