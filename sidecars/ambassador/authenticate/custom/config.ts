import * as z from 'zod';
import { duration } from '../../../core/config/fields.ts';

/** An authenticator of the user's own. */
export const customSchema = z
  .strictObject({
    type: z.literal('custom'),
    module: z
      .string()
      .min(1)
      .optional()
      .describe('A JavaScript or TypeScript file that exports defineAuthenticator({...}).'),
    use: z
      .string()
      .min(1)
      .optional()
      .describe('The name of one that was given to createAmbassador in a program of your own.'),
    options: z.unknown().optional().describe('Handed to it as it stands here.'),
    timeout: duration().prefault('1s').describe('Upper bound for one answer; then 503.'),
    cache: z
      .strictObject({
        ttl: duration()
          .prefault('0s')
          .describe('How long an answer holds for the same credential headers.'),
        size: z.int().min(1).max(1_000_000).default(10_000).describe('Answers remembered.'),
      })
      .prefault({})
      .describe('The memory of answers; by default there is none.'),
  })
  .superRefine(({ module, use }, context) => {
    if ((module === undefined) !== (use === undefined)) return;
    const message = 'give one of module (a file) and use (a name)';
    context.addIssue({ code: 'custom', path: ['module'], message, input: module });
  });

export type CustomConfig = z.output<typeof customSchema>;
