import * as z from 'zod';
import { duration } from '../../core/config/fields.ts';

/** `cache:` of an authenticator whose answers are worth remembering. */
export function cacheFields(ttl: string) {
  return z
    .strictObject({
      ttl: duration()
        .prefault(ttl)
        .describe(
          'How long a checked credential is good without asking again: the time in which a ' +
            'revocation takes effect. 0s asks for every request.',
        ),
      size: z.int().min(1).max(1_000_000).default(10_000).describe('Credentials remembered.'),
    })
    .prefault({})
    .describe('The memory of checked credentials, by a keyed hash and never by themselves.');
}

export type CacheOptions = z.output<ReturnType<typeof cacheFields>>;

/** Which claims say who it is; the same words wherever claims come from. */
export function claimFields(defaults: { readonly scopes: string }) {
  return {
    subject: z.string().min(1).default('sub').describe('The claim that names the caller.'),
    groups: z
      .string()
      .min(1)
      .default('groups')
      .describe('The claim that lists the groups; dots lead inwards: realm_access.roles.'),
    scopes: z.string().min(1).default(defaults.scopes).describe('The claim with the scopes.'),
    claims: z
      .record(z.string(), z.union([claimValue, z.array(claimValue).min(1)]))
      .default({})
      .describe('Claims that must be there with this value, or one of these.'),
  };
}

const claimValue = z.union([z.string(), z.number(), z.boolean()]);

/** Header names that may carry a credential. */
export function headerName() {
  return z
    .string()
    .regex(/^[!#$%&'*+.^`|~\w-]+$/, 'expected the name of a header, such as x-api-key')
    .transform((name) => name.toLowerCase());
}
