import type { HttpRequest, HttpResponse } from '../../../core/http/client.ts';
import type { Claims } from '../claims.ts';
import { clientAuthorization } from '../client-authorization.ts';
import { type Remote, type RemoteFailure, readJson } from '../remote.ts';
import type { OidcConfig } from './config.ts';
import type { Issuer } from './issuer.ts';

/** What a code was worth, or the issuer's reason why it is worth nothing. */
export type Redeemed =
  | { readonly idToken: string; readonly accessToken: string }
  | { readonly refused: string };

/** Asks for the tokens that a code stands for (RFC 6749 section 4.1.3). */
export function redeemCode(
  remote: Remote,
  issuer: Issuer,
  config: OidcConfig,
  { code, verifier }: { readonly code: string; readonly verifier: string },
): Promise<Redeemed | RemoteFailure> {
  const { clientId, clientSecret, redirectUrl } = config;
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUrl,
    code_verifier: verifier,
  });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (clientSecret === undefined || issuer.secretInBody) {
    form.set('client_id', clientId);
    if (clientSecret !== undefined) form.set('client_secret', clientSecret.read());
  } else {
    headers['authorization'] = clientAuthorization(clientId, clientSecret);
  }
  const request: Omit<HttpRequest, 'maxBytes'> = {
    url: issuer.tokenEndpoint,
    method: 'POST',
    headers,
    body: form.toString(),
  };
  return remote.ask(request, readTokens);
}

function readTokens(response: HttpResponse): Redeemed | undefined {
  const answer = readJson(response);
  if (response.status === 400) return { refused: describeError(answer?.['error']) };
  if (response.status !== 200) return undefined;
  const { id_token: idToken, access_token: accessToken } = answer ?? {};
  if (typeof idToken !== 'string' || typeof accessToken !== 'string') return undefined;
  return { idToken, accessToken };
}

/** An error code of OAuth as it may stand in a log (RFC 6749 section 5.2). */
export function describeError(code: unknown): string {
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : 'unknown_error';
}

/** What the UserInfo endpoint says of a person (OpenID Connect Core 1.0 section 5.3). */
export function readUserinfo(
  remote: Remote,
  url: string,
  accessToken: string,
): Promise<Claims | RemoteFailure> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  return remote.ask({ url, headers }, (response) =>
    response.status === 200 ? readJson(response) : undefined,
  );
}
