import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { promisify } from 'node:util';

export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
  'HS384',
  'HS512',
] as const;

/** The `alg` values of RFC 7518 section 3.1 that sign, with EdDSA (RFC 8037) and Ed25519 (RFC 9864). */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

export function isSymmetric(name: string): boolean {
  return name.startsWith('HS');
}

const curves: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** RFC 7518 sections 3.3 and 3.5. */
const minRsaBits = 2048;

/**
 * Whether a key is one for this algorithm: by the key itself, never by what the token says.
 * An HMAC with a public key for its secret ends here.
 */
export function keyFits(key: KeyObject, algorithm: SignatureAlgorithm): boolean {
  if (isSymmetric(algorithm)) {
    // RFC 7518 section 3.2: at least as long as the hash.
    return key.type === 'secret' && (key.symmetricKeySize ?? 0) * 8 >= hashBits(algorithm);
  }
  if (key.type !== 'public') return false;
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key;
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return kind === 'rsa' && (details?.modulusLength ?? 0) >= minRsaBits;
    case 'PS':
      return kind === 'rsa' && (details?.modulusLength ?? 0) >= minRsaBits;
    case 'ES':
      return kind === 'ec' && details?.namedCurve === curves[algorithm];
    default:
      return kind === 'ed25519';
  }
}

function hashBits(algorithm: SignatureAlgorithm): number {
  return Number(algorithm.slice(2));
}

/**
 * Verifies a JWS signature; the key must fit the algorithm. At once on this thread, which costs less
 * than a thread pool's round trip; but P-384 and P-521 take half a millisecond and more (measured),
 * in which nobody else would be served, and go there.
 */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  input: string,
  signature: Buffer,
): boolean | Promise<boolean> {
  const hash = `sha${hashBits(algorithm)}`;
  const data = Buffer.from(input, 'latin1');
  switch (algorithm.slice(0, 2)) {
    case 'HS': {
      const expected = createHmac(hash, key).update(data).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    }
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return verify(hash, data, { key, padding, saltLength }, signature);
    }
    case 'ES': {
      const options = { key, dsaEncoding: 'ieee-p1363' } as const;
      if (algorithm === 'ES256') return verify(hash, data, options, signature);
      return verifyLater(hash, data, options, signature);
    }
    case 'RS':
      return verify(hash, data, key, signature);
    default:
      return verify(null, data, key, signature);
  }
}

const verifyLater = promisify(verify);
