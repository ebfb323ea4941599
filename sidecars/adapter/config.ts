import * as z from 'zod';
import { admin } from '../core/config/fields.ts';

/** The section `adapter:` of podmates.yaml. */
export const adapterSchema = z.strictObject({
  admin: admin(7103),
});

export type AdapterConfig = z.output<typeof adapterSchema>;
