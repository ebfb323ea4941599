import * as z from 'zod';
import { duration, url } from '../../core/config/fields.ts';
import { httpTargetFields } from '../../core/http/target.ts';

const labelName = z.string().regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/, 'not a label name');

/** The section `push:`, for Jobs that no scrape would meet. */
export const pushSchema = z
  .strictObject({
    url: url('http', 'https').describe('The Pushgateway.'),
    job: z.string().min(1).describe('The label job of everything that is pushed.'),
    grouping: z
      .record(labelName, z.string())
      .default({})
      .describe('More labels by which the Pushgateway keeps this group apart from others.'),
    interval: duration()
      .prefault('15s')
      .describe('How often it is collected and pushed; and once more at the end.'),
    exitWhenGone: duration()
      .optional()
      .describe(
        'Ends the container when no source has answered for this long after one did: beside the app of a Job, where it is a plain container and no native sidecar.',
      ),
    ...httpTargetFields('5s'),
  })
  .describe('Push to a Pushgateway, at intervals and at the end, when the last good values go.');

/** The section `textfile:`. */
export const textfileSchema = z
  .strictObject({
    path: z
      .string()
      .regex(/[^/]\.prom$/, 'expected a file name that ends in .prom, as node exporter wants it')
      .describe("A file in the folder of node exporter's textfile collector."),
    interval: duration().prefault('15s').describe('How often it is collected and written.'),
  })
  .describe("Write a .prom file for node exporter's textfile collector.");

export type PushOptions = z.output<typeof pushSchema>;
export type TextfileOptions = z.output<typeof textfileSchema>;
