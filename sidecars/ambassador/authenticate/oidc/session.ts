import type { Identity } from '../../identity.ts';
import { type Claims, hasRequired, isRecord, readIdentity } from '../claims.ts';
import type { OidcConfig } from './config.ts';
import type { Seal } from './seal.ts';

/** What browsers keep of a cookie at least is 4096 bytes with its name and attributes (RFC 6265 6.1). */
const maxCookieLength = 3800;

/** Of the ID token itself and of the login, not of the person. */
const ofTheToken = new Set([
  'acr',
  'amr',
  'at_hash',
  'aud',
  'auth_time',
  'azp',
  'c_hash',
  'exp',
  'iat',
  'iss',
  'jti',
  'nbf',
  'nonce',
  's_hash',
  'sid',
]);

/** Who has signed in, kept by the browser and nowhere else. */
export interface Sessions {
  /** The value of a session's cookie; undefined when its claims are too many for one. */
  write(claims: Claims, now: number): string | undefined;
  /** Who a cookie's value stands for; undefined when it is not ours, is over, or not enough. */
  read(value: string, now: number): Identity | undefined;
}

export function createSessions(config: OidcConfig, provider: string, seal: Seal): Sessions {
  const { claims: kept, ttl } = config.session;
  const keeps = (name: string) => kept?.includes(name) ?? !ofTheToken.has(name);
  return {
    write(claims, now) {
      const person = Object.entries(claims).filter(([name]) => keeps(name));
      const value = seal.close({ claims: Object.fromEntries(person), end: now + ttl });
      return value.length > maxCookieLength ? undefined : value;
    },
    read(value, now) {
      const session = value.length > maxCookieLength ? undefined : seal.open(value);
      if (!isRecord(session)) return undefined;
      const { claims, end } = session;
      if (!isRecord(claims) || typeof end !== 'number' || end <= now) return undefined;
      if (!hasRequired(claims, config.claims)) return undefined;
      return readIdentity({ provider, claims, names: config, expiresAt: end });
    },
  };
}
