import * as z from 'zod';
import { cacheFields } from '../fields.ts';

/** Users with passwords in a file that `htpasswd -B` or `podmates ambassador hash-password` writes. */
export const htpasswdSchema = z.strictObject({
  type: z.literal('htpasswd'),
  file: z
    .string()
    .min(1)
    .describe('Lines of user:hash, bcrypt or argon2; re-read when the file changes.'),
  groups: z
    .record(z.string().min(1), z.array(z.string().min(1)))
    .default({})
    .describe('The users in each group.'),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Passwords checked at the same time, each of which takes a core for that long.'),
  cache: cacheFields('60s'),
});

export type HtpasswdConfig = z.output<typeof htpasswdSchema>;
