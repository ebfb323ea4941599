import * as z from 'zod';
import { duration, url } from '../../../core/config/fields.ts';
import { secret } from '../../../core/config/secret.ts';
import { httpTargetFields } from '../../../core/http/target.ts';
import { allowHttp, cacheFields, claimFields, findAddressProblem, headerName } from '../fields.ts';
import { isSymmetric, signatureAlgorithms } from './algorithms.ts';

const fields = z.strictObject({
  type: z.literal('jwt'),
  issuer: z
    .string()
    .min(1)
    .describe('The exact `iss` of its tokens; keys are discovered there unless given below.'),
  audience: z.array(z.string().min(1)).min(1).describe('`aud` must hold one of these.'),
  jwks: z
    .union([
      z.strictObject({ url: url('https', 'http').describe('A JWK Set.') }),
      z.strictObject({ file: z.string().min(1).describe('A JWK Set; re-read when it changes.') }),
    ])
    .optional()
    .describe('Where the keys are, instead of by discovery: {url} or {file}.'),
  secret: secret().optional().describe('The shared secret of HS256, HS384, HS512.'),
  algorithms: z
    .array(z.enum(signatureAlgorithms))
    .min(1)
    .optional()
    .describe('What tokens may be signed with; RS256 and ES256, or HS256 with a secret.'),
  tokenType: z
    .string()
    .min(1)
    .optional()
    .describe('The `typ` that tokens must have: at+jwt takes access tokens only (RFC 9068).'),
  header: headerName()
    .prefault('authorization')
    .describe('The header with the token; in authorization behind "Bearer ".'),
  ...claimFields({ scopes: 'scope' }),
  leeway: duration().prefault('30s').describe('Tolerated difference of clocks.'),
  refresh: duration().prefault('5m').describe('How often the keys are fetched again.'),
  stale: duration()
    .prefault('1h')
    .describe('How long keys that could not be fetched again stay good; then 503.'),
  cache: cacheFields('60s'),
  allowHttp: allowHttp(),
  ...httpTargetFields('5s'),
});

/** A provider of JSON Web Tokens (RFC 7519). */
export const jwtSchema = fields
  .superRefine((config, context) => {
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message, input: config });
    if (config.secret !== undefined && config.jwks !== undefined) {
      complain('secret', 'secret and jwks exclude each other; remove one of them');
    }
    for (const address of fetched(config)) {
      const problem = addressProblem(address, config.allowHttp);
      if (problem !== undefined) complain(config.jwks ? 'jwks' : 'issuer', problem);
    }
    const fits = fitting(config);
    for (const name of config.algorithms ?? []) {
      if (!fits(name)) complain('algorithms', explainUnfit(name));
    }
    if (config.stale < config.refresh) complain('stale', 'must not be shorter than refresh');
  })
  .transform((config) => ({
    ...config,
    algorithms: config.algorithms ?? defaultAlgorithms(config),
  }));

export type JwtConfig = z.output<typeof jwtSchema>;
type Fields = z.output<typeof fields>;

function fetched({ issuer, jwks, secret: shared }: Fields): readonly string[] {
  if (shared !== undefined || (jwks !== undefined && 'file' in jwks)) return [];
  return [jwks?.url ?? issuer];
}

function addressProblem(address: string, plain: boolean): string | undefined {
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    return 'not a URL to discover keys at; give one, or add jwks or secret';
  }
  return findAddressProblem(address, plain);
}

/** An HMAC key is for whoever may also sign, so it never comes from an address that serves public keys. */
function fitting({ secret: shared, jwks }: Fields): (name: string) => boolean {
  if (shared !== undefined) return isSymmetric;
  if (jwks !== undefined && 'file' in jwks) return () => true;
  return (name) => !isSymmetric(name);
}

function explainUnfit(name: string): string {
  return isSymmetric(name)
    ? `${name} needs a secret: or a jwks: file; public keys never verify it`
    : `${name} is for public keys; with a secret use HS256, HS384 or HS512`;
}

function defaultAlgorithms({ secret: shared }: Fields): (typeof signatureAlgorithms)[number][] {
  return shared === undefined ? ['RS256', 'ES256'] : ['HS256'];
}
