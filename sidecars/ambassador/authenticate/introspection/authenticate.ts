import type { HttpRequest, HttpResponse } from '../../../core/http/client.ts';
import {
  type Authenticator,
  absent,
  type Finding,
  proved,
  rejected,
  undecided,
} from '../authenticator.ts';
import { bearerChallenges } from '../challenge.ts';
import { type Claims, hasRequired, isForAudience, isTime, readIdentity } from '../claims.ts';
import { clientAuthorization } from '../client-authorization.ts';
import { maxCredentialLength, readToken } from '../credential.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { createRemote, readJson } from '../remote.ts';
import type { IntrospectionConfig } from './config.ts';

/** Tokens whose issuer is asked whether they are active (RFC 7662). */
export function createIntrospectionAuthenticator(
  config: IntrospectionConfig,
  context: ProviderContext,
): Authenticator {
  const { header, cache } = config;
  const challenges = bearerChallenges(context.name);
  const remote = createRemote(config, context);
  const remembered = createCredentialCache({ ...cache, metrics: context.metrics });
  const reject = (reason: string): Finding => rejected(reason, challenges.invalid);

  const judge = async (token: string): Promise<Judgement> => {
    const answer = await remote.ask(toRequest(config, token), readAnswer);
    if (typeof answer === 'string') return { finding: undecided(answer) };
    if (!answer['active']) return { finding: reject('inactive'), definitive: true };
    const fault = findFault(answer, config, Date.now());
    if (fault !== undefined) return { finding: reject(fault), definitive: true };
    const expiresAt = isTime(answer['exp']) ? answer['exp'] * 1000 + config.leeway : undefined;
    const names = config;
    const identity = readIdentity({ provider: context.name, claims: answer, names, expiresAt });
    if (identity === undefined) return { finding: reject('malformed_claims'), definitive: true };
    return { finding: proved(identity) };
  };
  return {
    challenge: challenges.ask,
    scopeChallenge: challenges.insufficient,
    credentialHeaders: [header],
    check: remote.check,
    stop: remote.stop,
    authenticate(inquiry) {
      const token = readToken(inquiry, header);
      if (token === undefined) return absent;
      if (token.length > maxCredentialLength) return reject('too_long');
      if (!/^[\x21-\x7e]+$/.test(token)) return reject('malformed');
      return remembered.look(token, () => judge(token));
    },
  };
}

function toRequest({ url, clientId, clientSecret }: IntrospectionConfig, token: string) {
  return {
    url,
    method: 'POST',
    headers: {
      authorization: clientAuthorization(clientId, clientSecret),
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  } as const satisfies Omit<HttpRequest, 'maxBytes'>;
}

/** RFC 7662 section 2.2: 200 and a JSON object whose `active` is a boolean, or it is no answer. */
function readAnswer(response: HttpResponse): Claims | undefined {
  if (response.status !== 200) return undefined;
  const answer = readJson(response);
  return typeof answer?.['active'] === 'boolean' ? answer : undefined;
}

function findFault(answer: Claims, config: IntrospectionConfig, now: number): string | undefined {
  const { iss, aud, exp, nbf } = answer;
  if (config.issuer !== undefined && iss !== config.issuer) return 'issuer';
  if (config.audience !== undefined && !isForAudience(aud, config.audience)) return 'audience';
  if (exp !== undefined && !isTime(exp)) return 'malformed_claims';
  if (exp !== undefined && exp * 1000 + config.leeway <= now) return 'expired';
  if (isTime(nbf) && nbf * 1000 - config.leeway > now) return 'not_yet_valid';
  return hasRequired(answer, config.claims) ? undefined : 'required_claim';
}
