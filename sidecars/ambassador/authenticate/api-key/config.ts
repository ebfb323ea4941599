import * as z from 'zod';
import { headerName } from '../fields.ts';

/** Callers with a key of their own, in a header. */
export const apiKeySchema = z.strictObject({
  type: z.literal('apiKey'),
  header: headerName().prefault('x-api-key').describe('The header with the key.'),
  scheme: z
    .string()
    .regex(/^[!#$%&'*+.^`|~\w-]+$/)
    .optional()
    .describe('What stands before the key in that header, as in "authorization: ApiKey KEY".'),
  file: z
    .string()
    .min(1)
    .describe(
      'The keys, hashed, as `podmates ambassador hash-key` prints them; re-read on change.',
    ),
});

export type ApiKeyConfig = z.output<typeof apiKeySchema>;
