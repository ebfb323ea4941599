import * as z from 'zod';
import { admin } from '../core/config/fields.ts';

/** The section `ambassador:` of podmates.yaml. */
export const ambassadorSchema = z.strictObject({
  admin: admin(7102),
});

export type AmbassadorConfig = z.output<typeof ambassadorSchema>;
