import * as z from 'zod';
import { duration, size } from '../../core/config/fields.ts';
import type { Encoding } from './read/line-ends.ts';

const pattern = z.string().min(1);
const patterns = z.union([pattern.transform((one) => [one]), z.array(pattern)]);

const template = pattern.regex(
  /^\{(?:path|dir)\}/,
  'expected a name that begins with {path} or {dir}, such as {path}.* or {dir}/old/{name}.*',
);
const templates = z.union([template.transform((one) => [one]), z.array(template)]);

const deleted = z
  .strictObject({
    keepOpen: duration().prefault('10m').describe('How long to keep reading a deleted file.'),
    maxBytes: size()
      .prefault('1GiB')
      .describe('How many unread bytes of a deleted file may hold its disk space.'),
  })
  .prefault({})
  .describe('Bounds for files that were deleted while they still have unread bytes.');

/** The fields of an input that say what to follow, and how. */
export const followFields = {
  paths: patterns.optional().describe('Globs of the files to follow, as absolute paths.'),
  exclude: patterns.prefault([]).describe('Globs of files to leave alone.'),
  start: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe('Where to begin in files that are there at the first start, without a checkpoint.'),
  rotated: templates
    .prefault(['{path}.*', '{path}-*'])
    .describe(
      'The names a file gets when it is rotated, as globs with {path}, {dir}, {name}, {stem}, {ext}.',
    ),
  grace: duration()
    .prefault('10s')
    .describe('How long a rotated or deleted file must be quiet for its end to be believed.'),
  deleted,
  maxLine: size().prefault('1MiB').describe('A longer line is cut to this many bytes.'),
  stdin: z.literal(true).optional().describe('Read standard input in place of files.'),
  pipe: z.string().min(1).optional().describe('Read this named pipe in place of files.'),
};

const followShape = z.object(followFields);
export type FollowConfig = z.output<typeof followShape> & {
  /** How the file encodes its text, for the sake of line ends. */
  readonly encoding: Encoding;
};

/** What is wrong with the fields of one input together; undefined when nothing is. */
export function complainAboutSource(input: z.output<typeof followShape>): string | undefined {
  const { paths, stdin, pipe } = input;
  const given = [paths, stdin, pipe].filter((source) => source !== undefined);
  if (given.length !== 1) return 'expected exactly one of paths, stdin and pipe';
  if (paths?.length === 0) return 'expected at least one path';
  return undefined;
}
