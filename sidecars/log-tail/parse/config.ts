import * as z from 'zod';
import { duration, size } from '../../core/config/fields.ts';
import { linearRegex } from '../../core/linear-regex/field.ts';

const formatNames = ['auto', 'json', 'logfmt', 'cri', 'docker', 'access', 'raw'] as const;
const multilineNames = ['java', 'python', 'go', 'node', 'ruby', 'dotnet'] as const;
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1'] as const;

const format = z
  .union([
    z.enum(formatNames),
    z.strictObject({
      regex: linearRegex().refine(({ groupNames }) => groupNames.length > 0, {
        message: 'a format needs named groups such as (?<status>\\d+): they become the fields',
      }),
    }),
  ])
  .default('auto')
  .describe('How a record is written: one of the names, or {regex: pattern with named groups}.');

const multilineBounds = {
  flush: duration()
    .prefault('1s')
    .describe('A record is over when no further line of it came for this long.'),
  maxBytes: size().prefault('1MiB').describe('A longer record is cut into several.'),
};

const multiline = z
  .union([
    z.enum(multilineNames).transform((like) => multilineShape.parse({ like })),
    z.lazy(() => multilineShape),
  ])
  .optional()
  .describe('Joins the lines of one record: a stack trace of a language, or by a start pattern.');

const multilineShape = z
  .strictObject({
    like: z.enum(multilineNames).optional().describe('Whose stack traces to join.'),
    start: linearRegex().optional().describe('A line that matches begins a new record.'),
    ...multilineBounds,
  })
  .refine(({ like, start }) => (like === undefined) !== (start === undefined), {
    message: 'expected exactly one of like and start',
  });

const time = z
  .union([
    z.enum(['auto', 'arrival']),
    z.strictObject({ field: z.string().min(1).describe('The field that holds the time.') }),
  ])
  .default('auto')
  .describe('Where the time comes from: the usual fields, one field, or when it was read.');

/** The fields of an input that say how its lines are read. */
export const parseFields = {
  format,
  multiline,
  encoding: z.enum(encodings).default('utf-8').describe('How the file encodes its text.'),
  time,
};

const parseShape = z.object(parseFields);
export type ParseConfig = z.output<typeof parseShape>;
export type MultilineConfig = NonNullable<ParseConfig['multiline']>;
export type FormatConfig = ParseConfig['format'];
export type Encoding = ParseConfig['encoding'];
