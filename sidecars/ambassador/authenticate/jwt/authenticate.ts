import { type Authenticator, absent, type Finding, rejected } from '../authenticator.ts';
import { bearerChallenges } from '../challenge.ts';
import { maxCredentialLength, readToken } from '../credential.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { JwtConfig } from './config.ts';
import { createKeyFetcher } from './fetch-keys.ts';
import { createTokenJudge } from './judge.ts';
import type { Keys } from './keys.ts';
import { createFileKeys, createSecretKeys } from './local-keys.ts';
import { createRemoteKeys } from './remote-keys.ts';

/** JSON Web Tokens of one issuer (RFC 7519, checked as RFC 8725 advises). */
export function createJwtAuthenticator(config: JwtConfig, context: ProviderContext): Authenticator {
  const { header, cache } = config;
  const challenges = bearerChallenges(context.name);
  const keys = createKeys(config, context);
  // Good tokens are judged at once, so a crowd that waits for a key must not stand in their way.
  const maxPending = Number.POSITIVE_INFINITY;
  const remembered = createCredentialCache({ ...cache, metrics: context.metrics, maxPending });
  const reject = (reason: string): Finding =>
    rejected(reason, reason === 'expired' ? challenges.expired : challenges.invalid);
  const judge = createTokenJudge(config, { provider: context.name, keys, reject });
  return {
    challenge: challenges.ask,
    scopeChallenge: challenges.insufficient,
    credentialHeaders: [header],
    start: keys.start,
    stop: keys.stop,
    check: keys.check,
    authenticate(inquiry) {
      const text = readToken(inquiry, header);
      if (text === undefined) return absent;
      if (text.length > maxCredentialLength) return reject('too_long');
      return remembered.look(text, () => judge(text));
    },
  };
}

function createKeys(config: JwtConfig, context: ProviderContext): Keys {
  const { secret, jwks } = config;
  if (secret !== undefined) return createSecretKeys(config, secret, context);
  if (jwks !== undefined && 'file' in jwks) return createFileKeys(jwks.file, context);
  return createRemoteKeys(config, createKeyFetcher(config), context);
}
