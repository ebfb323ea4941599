import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const issuer = 'https://idp.example';

/** A key pair of an issuer, with which tokens are signed by a program that is not ours. */
export interface SigningKey {
  readonly algorithm: string;
  readonly kid: string;
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
}

export async function signingKey(algorithm: string, kid = algorithm): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { algorithm, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

export function jwks(...keys: readonly SigningKey[]): { keys: readonly JWK[] } {
  return { keys: keys.map(({ jwk }) => jwk) };
}

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** A good token of `issuer` for the audience `orders`, but for what the options change. */
export async function mint(
  { algorithm, kid, privateKey }: SigningKey,
  { claims = {}, header = {} }: TokenOptions = {},
): Promise<string> {
  return new SignJWT(goodClaims(claims))
    .setProtectedHeader({ alg: algorithm, kid, ...header })
    .sign(privateKey, { crit: { exp: false, 'urn:odd': false } });
}

export function goodClaims(claims: Readonly<Record<string, unknown>> = {}) {
  return { iss: issuer, aud: 'orders', sub: 'joe', exp: now() + 60, ...claims };
}

/** A token put together by hand, for what no library would sign. */
export function assemble(
  header: unknown,
  claims: unknown,
  sign: (input: string) => Buffer = () => Buffer.alloc(0),
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}
