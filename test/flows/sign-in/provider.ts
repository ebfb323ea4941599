import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export const clientSecret = 'a secret of the shop: with a colon';
const people: Readonly<Record<string, object>> = {
  alice: { email: 'alice@shop.example', groups: ['editors'] },
  bob: { email: 'bob@shop.example', groups: [] },
  mallory: { email: 'alice@shop.example', email_verified: false, groups: [] },
};

export interface SignInOptions {
  /** Where people are sent back to. */
  readonly redirectUrl: string;
  /** Whether only the UserInfo endpoint says more than `sub`, as the standard has it. */
  readonly terse?: boolean;
}

/** oidc-provider, a certified OpenID provider, with a form that lets in whoever gives a name. */
export async function startProvider(
  context: TestContext,
  { redirectUrl, terse = false }: SignInOptions,
): Promise<{ readonly issuer: string }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [
      {
        client_id: 'shop',
        client_secret: clientSecret,
        redirect_uris: [redirectUrl],
        post_logout_redirect_uris: [`${new URL(redirectUrl).origin}/`],
      },
    ],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: [] },
    conformIdTokenClaims: terse,
    pkce: { required: () => true },
    cookies: { keys: ['for this test only'] },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...people[sub] }),
    }),
  });
  provider.on('server_error', (_context, error) => console.error(error));
  server.on('request', provider.callback());
  return { issuer };
}
