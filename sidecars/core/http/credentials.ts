import { PodmatesError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from './client.ts';
import type { ClientCredentials, Credentials } from './target.ts';

type Exchange = (request: HttpRequest) => Promise<HttpResponse>;
type Headers = Readonly<Record<string, string>>;

export interface CredentialHeaders {
  /** The headers that show who we are, from the secrets as they are now. */
  headers(): Promise<Headers>;
  /** After a 401: forgets what was cached; false when trying again cannot help. */
  renew(): boolean;
}

export function createCredentialHeaders(
  auth: Credentials | undefined,
  exchange: Exchange,
): CredentialHeaders {
  if (auth === undefined) return fixed(() => ({}));
  if ('bearer' in auth) return fixed(() => ({ authorization: `Bearer ${auth.bearer.read()}` }));
  if ('apiKey' in auth) return fixed(() => ({ [auth.apiKey.header]: auth.apiKey.value.read() }));
  if ('oauth2' in auth) return clientCredentials(auth.oauth2, exchange);
  const { username, password } = auth.basic;
  return fixed(() => ({ authorization: basic(username, password.read()) }));
}

function fixed(headers: () => Headers): CredentialHeaders {
  return { headers: async () => headers(), renew: () => false };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** RFC 6749 section 4.4, the client authenticated as in section 2.3.1; one request at a time. */
function clientCredentials(options: ClientCredentials, exchange: Exchange): CredentialHeaders {
  let token: { value: string; renewAt: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async () => {
    const { status, body } = await exchange(tokenRequest(options));
    if (status !== 200) {
      throw new PodmatesError(
        'ERR_HTTP',
        `the token endpoint ${options.tokenUrl} answered ${status}`,
      );
    }
    const { value, lifetimeMs } = parseToken(body.toString('utf8'), options.tokenUrl);
    token = { value, renewAt: performance.now() + lifetimeMs * 0.9 };
    return value;
  };
  return {
    async headers() {
      if (token !== undefined && performance.now() < token.renewAt) {
        return { authorization: `Bearer ${token.value}` };
      }
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return { authorization: `Bearer ${await asking}` };
    },
    renew() {
      token = undefined;
      return true;
    },
  };
}

function tokenRequest({
  tokenUrl,
  clientId,
  clientSecret,
  scopes,
}: ClientCredentials): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  const user = encodeURIComponent(clientId);
  return {
    url: tokenUrl,
    method: 'POST',
    headers: {
      authorization: basic(user, encodeURIComponent(clientSecret.read())),
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
    maxBytes: 65_536,
  };
}

function parseToken(text: string, tokenUrl: string): { value: string; lifetimeMs: number } {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'access_token' in answer) {
      const seconds = 'expires_in' in answer ? Number(answer.expires_in) : 300;
      return {
        value: String(answer.access_token),
        lifetimeMs: Number.isFinite(seconds) ? seconds * 1000 : 300_000,
      };
    }
  } catch {
    // said below
  }
  throw new PodmatesError(
    'ERR_HTTP',
    `the token endpoint ${tokenUrl} answered without an access_token`,
  );
}
