import { createPublicKey, createSecretKey, type KeyObject, type webcrypto } from 'node:crypto';
import { isRecord } from '../claims.ts';
import { keyFits, type SignatureAlgorithm } from './algorithms.ts';

/** A key that tokens may be signed with. */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  /** The only algorithm it is for, if it says so. */
  readonly algorithm: string | undefined;
}

/** The keys of one issuer as they are now. */
export interface KeyStore {
  /** Takes over a new set; a key that is in both stays the same object. */
  replace(keys: readonly VerificationKey[]): void;
  /** The keys that may have signed a token with this header. */
  find(kid: string | undefined, algorithm: SignatureAlgorithm): readonly VerificationKey[];
  /** Whether the key is still in the set: tokens it signed are good only that long. */
  has(key: VerificationKey): boolean;
  readonly size: number;
}

export function createKeyStore(): KeyStore {
  let keys: ReadonlySet<VerificationKey> = new Set();
  return {
    replace(next) {
      const kept = [...keys];
      keys = new Set(next.map((key) => kept.find((other) => isSame(key, other)) ?? key));
    },
    find(kid, algorithm) {
      return [...keys].filter(
        (key) =>
          (kid === undefined || key.kid === kid) &&
          (key.algorithm === undefined || key.algorithm === algorithm) &&
          keyFits(key.key, algorithm),
      );
    },
    has: (key) => keys.has(key),
    get size() {
      return keys.size;
    },
  };
}

function isSame(a: VerificationKey, b: VerificationKey): boolean {
  return a.kid === b.kid && a.algorithm === b.algorithm && a.key.equals(b.key);
}

/**
 * The keys of a JWK Set (RFC 7517 section 5) that can verify signatures; others in it are passed
 * over, as section 5 asks for. Nothing that a key points to (`x5u`, `jku`) is ever fetched.
 *
 * @param symmetric whether `oct` keys are taken: from a file of ours, never from an address
 * @throws TypeError when it is not a JWK Set
 */
export function parseJwks(text: string, symmetric: boolean): readonly VerificationKey[] {
  const set: unknown = JSON.parse(text);
  if (!isRecord(set) || !Array.isArray(set['keys'])) throw new TypeError('not a JWK Set');
  return set['keys'].flatMap((jwk: unknown) => {
    const key = isRecord(jwk) && isForSignatures(jwk) ? importKey(jwk, symmetric) : undefined;
    return key === undefined ? [] : [key];
  });
}

function isForSignatures({ use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function importKey(
  jwk: Readonly<Record<string, unknown>>,
  symmetric: boolean,
): VerificationKey | undefined {
  const key = toKeyObject(jwk, symmetric);
  if (key === undefined) return undefined;
  const { kid, alg } = jwk;
  return {
    key,
    kid: typeof kid === 'string' ? kid : undefined,
    algorithm: typeof alg === 'string' ? alg : undefined,
  };
}

function toKeyObject(
  jwk: Readonly<Record<string, unknown>>,
  symmetric: boolean,
): KeyObject | undefined {
  const { kty, k, n, e, crv, x, y } = jwk;
  if (kty === 'oct') {
    return symmetric && typeof k === 'string'
      ? createSecretKey(Buffer.from(k, 'base64url'))
      : undefined;
  }
  try {
    // Only the public members: a set that was published with private ones verifies all the same.
    const members = Object.entries({ kty, n, e, crv, x, y });
    const known = members.filter(([, value]) => typeof value === 'string');
    const key: webcrypto.JsonWebKey = Object.fromEntries(known);
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}
