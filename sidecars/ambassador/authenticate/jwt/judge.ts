import { type Finding, proved, undecided } from '../authenticator.ts';
import { readIdentity } from '../claims.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { type SignatureAlgorithm, verifySignature } from './algorithms.ts';
import { findClaimFault, isTokenType } from './claim-rules.ts';
import type { JwtConfig } from './config.ts';
import type { VerificationKey } from './key-store.ts';
import type { Keys } from './keys.ts';
import { parseToken, type Token } from './token.ts';

/** Tokens that wait at the same time for a key that is not known yet. */
const maxWaiting = 256;

export type TokenRules = Pick<
  JwtConfig,
  | 'algorithms'
  | 'audience'
  | 'claims'
  | 'groups'
  | 'issuer'
  | 'leeway'
  | 'scopes'
  | 'subject'
  | 'tokenType'
>;

export interface TokenJudgeOptions {
  readonly provider: string;
  readonly keys: Keys;
  reject(reason: string): Finding;
}

/** Judges tokens, at once where the key is known and quick (RFC 7519, as RFC 8725 advises). */
export function createTokenJudge(
  config: TokenRules,
  { provider, keys, reject }: TokenJudgeOptions,
): (text: string) => Judgement | Promise<Judgement> {
  let waiting = 0;

  /** What the keys at hand say, or undefined when none of them may have signed it. */
  const tryKeys = (token: Token, algorithm: SignatureAlgorithm) => {
    const candidates = keys.store.find(readKid(token), algorithm);
    return candidates.length === 0 ? undefined : tryEach(token, algorithm, candidates);
  };
  const tryEach = (
    token: Token,
    algorithm: SignatureAlgorithm,
    [signer, ...others]: readonly VerificationKey[],
  ): Judgement | Promise<Judgement> => {
    if (signer === undefined) return { finding: reject('signature'), definitive: true };
    const { input, signature } = token;
    const good = verifySignature(algorithm, signer.key, input, signature);
    const next = (signed: boolean) =>
      signed ? accept(token, signer) : tryEach(token, algorithm, others);
    return good instanceof Promise ? good.then(next) : next(good);
  };
  const accept = ({ claims }: Token, signer: VerificationKey): Judgement => {
    const expiresAt = Number(claims['exp']) * 1000 + config.leeway;
    const identity = readIdentity({ provider: provider, claims, names: config, expiresAt });
    if (identity === undefined) return { finding: reject('malformed_claims'), definitive: true };
    return { finding: proved(identity), holds: () => keys.usable() && keys.store.has(signer) };
  };
  return (text) => {
    const token = parseToken(text);
    if (token === undefined) return { finding: reject('malformed'), definitive: true };
    const fault =
      findHeaderFault(token, config) ?? findClaimFault(token.claims, config, Date.now());
    if (fault !== undefined) {
      return { finding: reject(fault), definitive: fault !== 'not_yet_valid' };
    }
    const algorithm = config.algorithms.find((name) => name === token.header['alg']);
    if (algorithm === undefined) return { finding: reject('algorithm'), definitive: true };
    if (!keys.usable()) return { finding: undecided('no_keys') };
    const judgement = tryKeys(token, algorithm);
    if (judgement !== undefined) return judgement;
    const again = (current: boolean): Judgement | Promise<Judgement> =>
      tryKeys(token, algorithm) ?? {
        finding: current ? reject('unknown_key') : undecided('no_keys'),
      };
    const renewed = keys.renew();
    if (!(renewed instanceof Promise)) return again(renewed);
    if (waiting >= maxWaiting) return { finding: undecided('busy') };
    waiting++;
    return renewed.finally(() => waiting--).then(again);
  };
}

function readKid({ header }: Token): string | undefined {
  return typeof header['kid'] === 'string' ? header['kid'] : undefined;
}

/** `jwk`, `jku`, `x5c` and `x5u` in a header are never looked at: keys come from the config alone. */
function findHeaderFault({ header }: Token, { tokenType }: TokenRules): string | undefined {
  // RFC 7515 section 4.1.11: no extension is understood here, so naming any is a refusal.
  if (Object.hasOwn(header, 'crit')) return 'critical_header';
  if (tokenType !== undefined && !isTokenType(header['typ'], tokenType)) return 'token_type';
  return undefined;
}
