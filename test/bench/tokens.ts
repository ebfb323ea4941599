import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Issuer {
  /** The public key as PEM, and the key set as RFC 7517 has it. */
  readonly pem: string;
  readonly jwks: string;
  mint(subject: string): string;
}

/** An RS256 issuer whose tokens hold for an hour. */
export function createIssuer(): Issuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' };
  return {
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    jwks: JSON.stringify({ keys: [jwk] }),
    mint: (subject) => mint(privateKey, subject),
  };
}

/**
 * A wrk script that sends another token with each request. The tokens stand in a file beside it:
 * LuaJIT takes no more than 65,536 constants in one function.
 */
export function sendInTurn(folder: string, tokens: readonly string[]): string {
  const list = join(folder, `tokens-${tokens.length}`);
  writeFileSync(list, tokens.map((token) => `${token}\n`).join(''));
  writeFileSync(
    `${list}.lua`,
    `local tokens = {}
for token in io.lines("${list}") do tokens[#tokens + 1] = token end
local turn = 0
request = function()
  turn = turn % #tokens + 1
  return wrk.format(nil, nil, { ["Authorization"] = "Bearer " .. tokens[turn] })
end
`,
  );
  return `${list}.lua`;
}

/** The same token, but another subject's: its signature does not hold. */
export function forge(token: string): string {
  const [header, claims = '', signature] = token.split('.');
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return [header, encode({ ...said, sub: 'another' }), signature].join('.');
}

function mint(key: KeyObject, subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://issuer.bench',
    aud: 'bench',
    sub: subject,
    iat: now,
    exp: now + 3600,
  };
  const input = [{ alg: 'RS256', typ: 'JWT', kid: 'bench' }, claims].map(encode).join('.');
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
