import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export const audience = 'urn:orders';
const clients = { id: 'caller', secret: 'a secret of the caller, for the token endpoint' };

export interface OpenIdProvider {
  readonly issuer: string;
  /** A new token by the client credentials grant (RFC 6749 section 4.4), as JWT or opaque. */
  token(format?: 'jwt' | 'opaque'): Promise<string>;
  revoke(token: string): Promise<void>;
  /** Signs with another key from now on; the earlier ones are still published, or not. */
  rotate(options: { readonly keepOld: boolean }): Promise<void>;
}

/** oidc-provider, a certified OpenID provider, running with a signing key that can be rotated. */
export async function openIdProvider(test: TestContext): Promise<OpenIdProvider> {
  let handle: RequestListener = (_request, response) => response.destroy();
  const server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const keys: Awaited<ReturnType<typeof newKey>>[] = [];
  let format: 'jwt' | 'opaque' = 'jwt';

  const serve = () => {
    const provider = new Provider(
      issuer,
      configure(keys, () => format),
    );
    provider.on('server_error', (_context, error) => console.error(error));
    handle = provider.callback();
  };
  const rotate: OpenIdProvider['rotate'] = async ({ keepOld }) => {
    if (!keepOld) keys.length = 0;
    keys.unshift(await newKey(`key-${Date.now()}`));
    serve();
  };
  await rotate({ keepOld: false });
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic()}` },
      body: new URLSearchParams(form),
    });
  return {
    issuer,
    rotate,
    async token(wanted = 'jwt') {
      format = wanted;
      const form = { grant_type: 'client_credentials', scope: 'orders:read', resource: audience };
      const response = await post('/token', form);
      const { access_token: token, ...rest } = (await response.json()) as Record<string, unknown>;
      if (typeof token !== 'string') throw new Error(JSON.stringify(rest));
      return token;
    },
    async revoke(token) {
      const response = await post('/token/revocation', { token });
      if (response.status !== 200) throw new Error(await response.text());
    },
  };
}

export const introspectionClient = clients;

function basic(): string {
  const pair = [clients.id, clients.secret].map(encodeURIComponent).join(':');
  return Buffer.from(pair).toString('base64');
}

async function newKey(kid: string) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

function configure(
  keys: readonly Awaited<ReturnType<typeof newKey>>[],
  format: () => 'jwt' | 'opaque',
): Readonly<Record<string, unknown>> {
  return {
    jwks: { keys: [...keys] },
    clients: [
      {
        client_id: clients.id,
        client_secret: clients.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['orders:read'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: 'orders:read',
          audience,
          accessTokenTTL: 600,
          accessTokenFormat: format(),
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  };
}
