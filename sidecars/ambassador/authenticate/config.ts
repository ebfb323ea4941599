import * as z from 'zod';
import { apiKeySchema } from './api-key/config.ts';
import { jwtSchema } from './jwt/config.ts';

const provider = z.discriminatedUnion('type', [jwtSchema, apiKeySchema]);

/** The map `auth:`: a name of the user's own for each way to say who is asking. */
export const authSchema = z
  .record(
    z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a name of letters, digits, - and _'),
    provider,
  )
  .default({})
  .describe('The ways to say who is asking, each under a name that routes refer to.');

export type ProviderConfig = z.output<typeof provider>;
export type AuthConfig = Readonly<Record<string, ProviderConfig>>;
