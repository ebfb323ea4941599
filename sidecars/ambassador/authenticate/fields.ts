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

/** Allows plain HTTP towards other hosts; see {@link findAddressProblem}. */
export function allowHttp() {
  return z
    .boolean()
    .default(false)
    .describe('Go without TLS to other hosts too, where the network itself is trusted.');
}

/** What is wrong with an address that credentials or keys travel to or from, or undefined. */
export function findAddressProblem(address: string, plain: boolean): string | undefined {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || plain || isLoopback(hostname)) return undefined;
  return 'credentials and keys go over https; use it, or say allowHttp: true where the network is trusted';
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** A `superRefine` for the address under `key`. */
export function requireHttps<K extends string>(key: K) {
  type Addressed = Readonly<Record<K, string>> & { readonly allowHttp: boolean };
  return (config: Addressed, context: z.core.$RefinementCtx) => {
    const message = findAddressProblem(config[key], config.allowHttp);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', path: [key], message, input: config });
    }
  };
}

/** Header names that may carry a credential. */
export function headerName() {
  return z
    .string()
    .regex(/^[!#$%&'*+.^`|~\w-]+$/, 'expected the name of a header, such as x-api-key')
    .transform((name) => name.toLowerCase());
}
