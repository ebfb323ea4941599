import { type Claims, hasRequired, isForAudience, isTime } from '../claims.ts';
import type { JwtConfig } from './config.ts';

export type ClaimFault =
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'malformed_claims'
  | 'required_claim';

type Rules = Pick<JwtConfig, 'issuer' | 'audience' | 'leeway' | 'claims'>;

/** What is wrong with the claims of a token (RFC 7519 section 4.1), or undefined. */
export function findClaimFault(claims: Claims, rules: Rules, now: number): ClaimFault | undefined {
  const { iss, aud, exp, nbf, iat } = claims;
  if (iss !== rules.issuer) return 'issuer';
  if (!isForAudience(aud, rules.audience)) return 'audience';
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat))) {
    return 'malformed_claims';
  }
  if (exp * 1000 + rules.leeway <= now) return 'expired';
  if (nbf !== undefined && nbf * 1000 - rules.leeway > now) return 'not_yet_valid';
  return hasRequired(claims, rules.claims) ? undefined : 'required_claim';
}

/** `typ`, compared as a media type: without regard to case and to a leading `application/`. */
export function isTokenType(typ: unknown, wanted: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/^application\//, '');
  return typeof typ === 'string' && plain(typ) === plain(wanted);
}
