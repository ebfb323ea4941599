import * as z from 'zod';
import { apiKeySchema } from './api-key/config.ts';
import { customSchema } from './custom/config.ts';
import { htpasswdSchema } from './htpasswd/config.ts';
import { httpSchema } from './http/config.ts';
import { introspectionSchema } from './introspection/config.ts';
import { jwtSchema } from './jwt/config.ts';
import { kubernetesSchema } from './kubernetes/config.ts';
import { mtlsSchema } from './mtls/config.ts';
import { oidcSchema } from './oidc/config.ts';

const provider = z.discriminatedUnion('type', [
  jwtSchema,
  introspectionSchema,
  apiKeySchema,
  htpasswdSchema,
  mtlsSchema,
  kubernetesSchema,
  httpSchema,
  oidcSchema,
  customSchema,
]);

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

/** The CA files of all `mtls` authenticators: whose certificates the listener has to ask callers for. */
export function clientAuthorityFiles(config: AuthConfig): readonly string[] {
  const files = Object.values(config).flatMap((one) => (one.type === 'mtls' ? [one.ca] : []));
  return [...new Set(files)];
}

/** The authenticators that would answer a path which an earlier one answers already. */
export function findSharedPaths(config: AuthConfig): readonly (readonly [string, string])[] {
  const taken = new Set<string>();
  return Object.entries(config).flatMap(([name, one]) => {
    const paths = one.type === 'oidc' ? [new URL(one.redirectUrl).pathname, one.signOut] : [];
    const shared = paths.filter((path) => taken.has(path));
    for (const path of paths) taken.add(path);
    return shared.map((path) => [name, path] as const);
  });
}
