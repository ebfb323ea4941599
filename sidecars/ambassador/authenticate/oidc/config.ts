import * as z from 'zod';
import { duration, url } from '../../../core/config/fields.ts';
import { secret } from '../../../core/config/secret.ts';
import { httpTargetFields } from '../../../core/http/target.ts';
import { allowHttp, claimFields, findAddressProblem } from '../fields.ts';
import { isSymmetric, signatureAlgorithms } from '../jwt/algorithms.ts';

const { auth: _, ...target } = httpTargetFields('5s');

const ownPath = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9_~-]+)+$/, 'expected a path of plain segments, such as /oauth2/callback');

const session = z.strictObject({
  key: secret().describe(
    'Seals the cookies: 32 characters or more, the same for all replicas. Of several lines the ' +
      'first seals and every one opens, so that a key is replaced without signing anybody out.',
  ),
  ttl: duration()
    .prefault('8h')
    .describe('How long a session lasts before the issuer is asked again who it is.'),
  claims: z
    .array(z.string().min(1))
    .optional()
    .describe('The claims to keep; all that fit are kept without it.'),
});

/** People in their browsers, who sign in at an OpenID provider (OpenID Connect Core 1.0). */
export const oidcSchema = z
  .strictObject({
    type: z.literal('oidc'),
    issuer: url('https', 'http').describe('The exact `iss` of its tokens; all else is discovered.'),
    clientId: z.string().min(1).describe('As the issuer has registered the ambassador.'),
    clientSecret: secret()
      .optional()
      .describe('What it was given there; public clients are proved by PKCE alone (RFC 7636).'),
    redirectUrl: url('https', 'http').describe(
      'Where the issuer sends people back to, as registered there: the ambassador as browsers see ' +
        'it, with a path that is its own: https://shop.example.com/oauth2/callback.',
    ),
    signOut: ownPath
      .default('/oauth2/sign-out')
      .describe('The path that ends the session, here and at the issuer.'),
    requestScopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope'))
      .default(['openid', 'profile', 'email'])
      .refine((scopes) => scopes.includes('openid'), 'must have openid among them')
      .describe('What the issuer is asked for.'),
    parameters: z
      .record(z.string(), z.string())
      .default({})
      .describe('More parameters of the authorization request, such as prompt or acr_values.'),
    userinfo: z
      .boolean()
      .default(false)
      .describe('Also ask the UserInfo endpoint, where the ID token does not say enough.'),
    session: session.describe('How long people stay signed in, and by what.'),
    algorithms: z
      .array(
        z.enum(signatureAlgorithms).refine((name) => !isSymmetric(name), 'is for shared secrets'),
      )
      .min(1)
      .default(['RS256', 'ES256'])
      .describe('What ID tokens may be signed with.'),
    ...claimFields({ scopes: 'scope' }),
    leeway: duration().prefault('30s').describe('Tolerated difference of clocks.'),
    refresh: duration().prefault('5m').describe('How often metadata and keys are fetched again.'),
    stale: duration()
      .prefault('1h')
      .describe('How long those that could not be fetched again stay good for logins.'),
    allowHttp: allowHttp(),
    ...target,
  })
  .superRefine((config, context) => {
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message, input: config });
    for (const key of ['issuer', 'redirectUrl'] as const) {
      const problem = findAddressProblem(config[key], config.allowHttp);
      if (problem !== undefined) complain(key, problem);
    }
    const { pathname, search, hash } = new URL(config.redirectUrl);
    if (!ownPath.safeParse(pathname).success || search !== '' || hash !== '') {
      complain(
        'redirectUrl',
        'needs a path of its own and nothing behind it, as in …/oauth2/callback',
      );
    }
    if (pathname === config.signOut) complain('signOut', 'is the path of redirectUrl already');
  });

export type OidcConfig = z.output<typeof oidcSchema>;
