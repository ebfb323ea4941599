import * as z from 'zod';
import { admin } from '../core/config/fields.ts';

/** The section `logTail:` of podmates.yaml. */
export const logTailSchema = z.strictObject({
  admin: admin(7101),
});

export type LogTailConfig = z.output<typeof logTailSchema>;
