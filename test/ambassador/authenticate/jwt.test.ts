import assert from 'node:assert/strict';
import { createHmac, createPublicKey, type webcrypto } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { brief, provider } from './ask.ts';
import { assemble, goodClaims, issuer, jwks, mint, now, signingKey } from './issuer.ts';
import { json, service } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'podmates-jwt-'));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const rsa = await signingKey('RS256', 'rsa');
const keyFile = file('jwks.json', JSON.stringify(jwks(rsa)));
const sharedSecret = 'a secret that is long enough for every hash there is, 64 bytes and more';
const secretFile = file('secret', `${sharedSecret}\n`);

const corp = (test: TestContext, more: Readonly<Record<string, unknown>> = {}) =>
  provider(test, { type: 'jwt', issuer, audience: ['orders'], jwks: { file: keyFile }, ...more });

for (const algorithm of [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]) {
  test(`a token signed by jose with ${algorithm} is proved, one with a changed claim is not`, async (t) => {
    const key = await signingKey(algorithm);
    const path = file(`${algorithm}.json`, JSON.stringify(jwks(key)));
    const it = await corp(t, { jwks: { file: path }, algorithms: [algorithm] });
    const token = await mint(key);
    assert.equal(brief(await it.bearer(token)), 'joe');
    const [head, , seal] = token.split('.');
    const other = Buffer.from(JSON.stringify(goodClaims({ sub: 'root' }))).toString('base64url');
    assert.equal(brief(await it.bearer(`${head}.${other}.${seal}`)), 'rejected: signature');
  });
}

for (const algorithm of ['HS256', 'HS384', 'HS512']) {
  test(`a token signed by jose with ${algorithm} and the shared secret is proved`, async (t) => {
    const config = { jwks: undefined, secret: { file: secretFile }, algorithms: [algorithm] };
    const it = await corp(t, config);
    const sign = (secret: string) =>
      new SignJWT(goodClaims()).setProtectedHeader({ alg: algorithm }).sign(Buffer.from(secret));
    assert.equal(brief(await it.bearer(await sign(sharedSecret))), 'joe');
    const forged = await sign(`${sharedSecret}!`);
    assert.equal(brief(await it.bearer(forged)), 'rejected: signature');
  });
}

test('who is asking comes from the claims', async (t) => {
  const it = await corp(t, { groups: 'realm_access.roles', scopes: 'https://x.example/scp' });
  const exp = now() + 60;
  const claims = {
    exp,
    realm_access: { roles: ['editors', 'staff'] },
    'https://x.example/scp': ['orders:read'],
    tenant: 'acme',
  };
  const finding = await it.bearer(await mint(rsa, { claims }));
  assert.ok(finding.kind === 'proved');
  const { identity } = finding;
  assert.deepEqual(identity.groups, ['editors', 'staff']);
  assert.deepEqual(identity.scopes, ['orders:read']);
  assert.equal(identity.claims['tenant'], 'acme');
  assert.equal(identity.provider, 'it');
  assert.equal(identity.expiresAt, exp * 1000 + 30_000);
  assert.ok(Object.isFrozen(identity) && Object.isFrozen(identity.groups));
});

const refused: readonly {
  readonly what: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly reason: string;
}[] = [
  { what: 'another issuer', claims: { iss: `${issuer}/` }, reason: 'issuer' },
  { what: 'no issuer', claims: { iss: undefined }, reason: 'issuer' },
  { what: 'another audience', claims: { aud: 'billing' }, reason: 'audience' },
  { what: 'an audience that only begins alike', claims: { aud: 'orders2' }, reason: 'audience' },
  { what: 'no audience', claims: { aud: undefined }, reason: 'audience' },
  { what: 'an audience that is no text', claims: { aud: [['orders']] }, reason: 'audience' },
  { what: 'no end', claims: { exp: undefined }, reason: 'malformed_claims' },
  { what: 'an end that is a text', claims: { exp: '9999999999' }, reason: 'malformed_claims' },
  { what: 'an end beyond numbers', claims: { exp: 1e308 }, reason: 'malformed_claims' },
  { what: 'an end in the past', claims: { exp: now() - 31 }, reason: 'expired' },
  { what: 'a begin in the future', claims: { nbf: now() + 90 }, reason: 'not_yet_valid' },
  { what: 'a begin that is no time', claims: { nbf: 'soon' }, reason: 'malformed_claims' },
  { what: 'no subject', claims: { sub: undefined }, reason: 'malformed_claims' },
  { what: 'an empty subject', claims: { sub: '' }, reason: 'malformed_claims' },
  { what: 'a subject that is a number', claims: { sub: 7 }, reason: 'malformed_claims' },
  { what: 'a line end in the subject', claims: { sub: 'a\r\nX: y' }, reason: 'malformed_claims' },
  { what: 'a zero byte in a group', claims: { groups: ['a\0'] }, reason: 'malformed_claims' },
  {
    what: 'groups that are a map',
    claims: { groups: { admin: true } },
    reason: 'malformed_claims',
  },
  { what: 'half a character', claims: { sub: 'a\ud800' }, reason: 'malformed_claims' },
  { what: 'an address with two @', claims: { email: 'a@x@corp' }, reason: 'malformed_claims' },
  { what: 'a list of addresses', claims: { email: ['a@x'] }, reason: 'malformed_claims' },
  {
    what: 'a required claim with another value',
    claims: { tenant: 'evil' },
    config: { claims: { tenant: ['acme', 'initech'] } },
    reason: 'required_claim',
  },
  {
    what: 'a required claim that is not there',
    config: { claims: { email_verified: true } },
    reason: 'required_claim',
  },
  {
    what: 'a required claim found only in the prototype',
    config: { claims: { 'constructor.name': 'Object' } },
    reason: 'required_claim',
  },
  {
    what: 'an ID token where an access token is wanted',
    header: { typ: 'JWT' },
    config: { tokenType: 'at+jwt' },
    reason: 'token_type',
  },
  { what: 'no typ where one is wanted', config: { tokenType: 'at+jwt' }, reason: 'token_type' },
  {
    what: 'a critical extension nobody knows',
    header: { crit: ['urn:odd'], 'urn:odd': 1 },
    reason: 'critical_header',
  },
  { what: 'an unknown kid', header: { kid: 'other' }, reason: 'unknown_key' },
];

for (const { what, claims, header, config, reason } of refused) {
  test(`a well signed token with ${what} is rejected: ${reason}`, async (t) => {
    const it = await corp(t, config);
    const token = await mint(rsa, { ...(claims && { claims }), ...(header && { header }) });
    assert.equal(brief(await it.bearer(token)), `rejected: ${reason}`);
  });
}

const accepted: readonly [
  string,
  Parameters<typeof mint>[1],
  Readonly<Record<string, unknown>>?,
][] = [
  ['an end within the leeway', { claims: { exp: now() - 20 } }],
  ['a begin within the leeway', { claims: { nbf: now() + 20 } }],
  ['one of several audiences', { claims: { aud: ['billing', 'orders'] } }],
  ['no kid where one key fits', { header: { kid: undefined } }],
  ['the wanted typ', { header: { typ: 'AT+JWT' } }, { tokenType: 'at+jwt' }],
  ['the wanted typ in full', { header: { typ: 'application/at+jwt' } }, { tokenType: 'at+jwt' }],
  ['a required claim', { claims: { tenant: 'acme' } }, { claims: { tenant: ['acme', 'b'] } }],
  ['a well made address', { claims: { email: 'joe@corp.example' } }],
];

for (const [what, options, config] of accepted) {
  test(`a token with ${what} is proved`, async (t) => {
    const it = await corp(t, config);
    assert.equal(brief(await it.bearer(await mint(rsa, options))), 'joe');
  });
}

test('alg none is rejected, in every spelling and with no signature or any', async (t) => {
  const it = await corp(t);
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, 0, ['RS256'], undefined]) {
    for (const seal of [Buffer.alloc(0), Buffer.from('x')]) {
      const token = assemble({ alg, kid: 'rsa' }, goodClaims(), () => seal);
      assert.match(brief(await it.bearer(token)), /^rejected: (algorithm|malformed)$/);
    }
  }
});

test('an HMAC made with the public key for its secret is rejected (CVE-2026-34950)', async (t) => {
  const it = await corp(t, { algorithms: ['RS256', 'HS256'] });
  const key = createPublicKey({ key: rsa.jwk as webcrypto.JsonWebKey, format: 'jwk' });
  const spellings = [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'pkcs1', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(rsa.jwk),
    rsa.jwk.n ?? '',
  ];
  for (const secret of spellings) {
    for (const kid of ['rsa', undefined]) {
      const sign = (input: string) => createHmac('sha256', secret).update(input).digest();
      const token = assemble({ alg: 'HS256', kid }, goodClaims(), sign);
      assert.equal(brief(await it.bearer(token)), 'rejected: unknown_key');
    }
  }
});

test('a good signature of an algorithm that is not allowed is rejected', async (t) => {
  const key = await signingKey('RS512', 'rsa512');
  const path = file('rs512.json', JSON.stringify(jwks(key)));
  const it = await corp(t, { jwks: { file: path }, algorithms: ['RS256'] });
  assert.equal(brief(await it.bearer(await mint(key))), 'rejected: algorithm');
});

test('a key is not used for what it was not made for', async (t) => {
  const ops: Readonly<Record<string, unknown>>[] = [
    { use: 'enc' },
    { key_ops: ['encrypt'] },
    { alg: 'RS512' },
    { kty: 'oct', k: Buffer.from(sharedSecret).toString('base64url') },
  ];
  for (const [index, change] of ops.entries()) {
    const path = file(`use-${index}.json`, JSON.stringify({ keys: [{ ...rsa.jwk, ...change }] }));
    const it = await corp(t, { jwks: { file: path } });
    assert.equal(brief(await it.bearer(await mint(rsa))), 'rejected: unknown_key');
  }
});

test('a short RSA key is no key', async (t) => {
  const { generateKeyPairSync, sign } = await import('node:crypto');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'short' }];
  const it = await corp(t, { jwks: { file: file('short.json', JSON.stringify({ keys })) } });
  const seal = (input: string) => sign('sha256', Buffer.from(input), privateKey);
  const token = assemble({ alg: 'RS256', kid: 'short' }, goodClaims(), seal);
  assert.equal(brief(await it.bearer(token)), 'rejected: unknown_key');
});

test('keys that a token brings along are never looked at, nor fetched', async (t) => {
  const mine = await signingKey('RS256', 'mine');
  const trap = await service(t, json(jwks(mine)));
  const it = await corp(t);
  for (const header of [
    { jwk: mine.jwk },
    { jku: trap.url, kid: 'mine' },
    { x5u: trap.url, kid: 'mine' },
    { jku: trap.url, kid: 'rsa' },
    { kid: `${trap.url}/jwks` },
    { kid: '../../../../dev/null' },
  ]) {
    const { kid, ...rest } = { kid: undefined, ...header };
    const finding = await it.bearer(await mint(mine, { header: { kid, ...rest } }));
    assert.match(brief(finding), /^rejected: (signature|unknown_key)$/);
  }
  assert.deepEqual(trap.requests, []);
});

test('text that is no token is rejected', async (t) => {
  const it = await corp(t);
  const good = await mint(rsa);
  const [head = '', body = '', seal = ''] = good.split('.');
  const last = seal.at(-1) ?? '';
  const next = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = `${seal.slice(0, -1)}${next[next.indexOf(last) + 1]}`;
  for (const text of [
    'x',
    '..',
    `${head}.${body}`,
    `${head}.${body}.`,
    `${good}.`,
    `${good}.x.y`, // the five parts of a JWE
    `${head}=.${body}.${seal}`,
    `${head}.${body}.${seal}=`,
    `${head}.${body}.${twin}`, // other spare bits, the same bytes
    `${head}. ${body}.${seal}`,
    `"${good}"`,
    assemble([], goodClaims()),
    assemble({ alg: 'RS256' }, 'joe', () => Buffer.from('x')),
    `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${seal}`,
  ]) {
    assert.equal(brief(await it.bearer(text)), 'rejected: malformed', text.slice(0, 60));
  }
  assert.equal(brief(await it.bearer('a'.repeat(20_000))), 'rejected: too_long');
});

test('a request without a bearer token carries no credential of this kind', async (t) => {
  const it = await corp(t);
  const token = await mint(rsa);
  assert.equal(brief(await it.ask()), 'absent');
  assert.equal(brief(await it.ask({ authorization: `Basic ${token}` })), 'absent');
  assert.equal(brief(await it.ask({ authorization: token })), 'absent');
  assert.equal(brief(await it.ask({ 'x-token': token })), 'absent');
  assert.equal(brief(await it.ask({ authorization: `bEARER ${token}` })), 'joe');
});

test('a token may come in a header of its own', async (t) => {
  const it = await corp(t, { header: 'Cf-Access-Jwt-Assertion' });
  const token = await mint(rsa);
  assert.equal(brief(await it.ask({ 'cf-access-jwt-assertion': token })), 'joe');
  assert.equal(brief(await it.bearer(token)), 'absent');
  assert.deepEqual(it.credentialHeaders, ['cf-access-jwt-assertion']);
});

test('the challenge asks for a bearer token and says when it expired', async (t) => {
  const it = await corp(t);
  assert.equal(it.challenge, 'Bearer realm="it"');
  const finding = await it.bearer(await mint(rsa, { claims: { exp: now() - 60 } }));
  assert.ok(finding.kind === 'rejected');
  assert.equal(
    finding.challenge,
    'Bearer realm="it", error="invalid_token", error_description="the access token expired"',
  );
});

test('a remembered token answers at once and ends with its exp all the same', async (t) => {
  const it = await corp(t, { leeway: '0s', cache: { ttl: '1h' } });
  const token = await mint(rsa, { claims: { exp: now() + 60 } });
  await it.bearer(token);
  assert.ok(!(it.bearer(token) instanceof Promise));
  assert.equal(await it.metric('auth_cache_events_total{event="hit"}'), 1);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  assert.equal(brief(await it.bearer(token)), 'rejected: expired');
});

test('a wrong secret of few bytes stops the start, with the mend', async (t) => {
  const short = file('short-secret', 'hunter2');
  await assert.rejects(
    corp(t, { jwks: undefined, secret: { file: short } }),
    /auth\.it\.secret: HS256 needs a longer one .*urandom/,
  );
});

test('a key file that is none stops the start', async (t) => {
  await assert.rejects(corp(t, { jwks: { file: join(directory, 'absent') } }), /cannot read/);
  await assert.rejects(corp(t, { jwks: { file: file('bad.json', '{}') } }), /not a JWK Set/);
});

test('what came of every credential is counted', async (t) => {
  const it = await corp(t);
  await it.ask();
  await it.bearer(await mint(rsa));
  await it.bearer('x');
  assert.equal(await it.metric('auth_total{result="absent"}'), 1);
  assert.equal(await it.metric('auth_total{result="proved"}'), 1);
  assert.equal(await it.metric('auth_total{result="rejected"}'), 1);
  assert.equal(await it.metric('auth_total{result="undecided"}'), 0);
});
