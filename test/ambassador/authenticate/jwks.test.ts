import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { brief, provider } from './ask.ts';
import { clock } from './clock.ts';
import { jwks, mint, type SigningKey, signingKey } from './issuer.ts';
import { json, type Responder, type Service, service, silence } from './service.ts';

const [first, second, foreign] = await Promise.all([
  signingKey('ES256', 'first'),
  signingKey('RS256', 'second'),
  signingKey('ES256', 'foreign'),
]);

/** An issuer with discovery, as OpenID Connect Discovery 1.0 has it. */
async function discoverable(test: TestContext, metadata: Readonly<Record<string, unknown>> = {}) {
  const issuer: Service = await service(test, json({}));
  let keys = jwks(first);
  issuer.respond((request, response) => {
    const known: Readonly<Record<string, Responder>> = {
      '/.well-known/openid-configuration': json({
        issuer: issuer.url,
        jwks_uri: `${issuer.url}/jwks`,
        ...metadata,
      }),
      '/jwks': json(keys),
    };
    (known[request.url] ?? json({}, 404))(request, response);
  });
  return {
    issuer,
    claims: { iss: issuer.url },
    fetches: () => issuer.requests.filter(({ url }) => url === '/jwks').length,
    rotate(...next: readonly SigningKey[]) {
      keys = jwks(...next);
    },
  };
}

const jwt = (test: TestContext, issuer: Service, more: Readonly<Record<string, unknown>> = {}) =>
  provider(test, { type: 'jwt', issuer: issuer.url, audience: ['orders'], ...more });

test('keys are discovered from the issuer', async (t) => {
  const { issuer, claims } = await discoverable(t);
  const it = await jwt(t, issuer);
  assert.deepEqual(it.check?.(), { ok: true, message: '1 keys' });
  assert.equal(brief(await it.bearer(await mint(first, { claims }))), 'joe');
});

test('the metadata of RFC 8414 serves where OpenID has none', async (t) => {
  const issuer = await service(t, json({}, 404));
  const tenant = `${issuer.url}/tenant`;
  issuer.respond((request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server/tenant') {
      json({ issuer: tenant, jwks_uri: `${issuer.url}/keys` })(request, response);
    } else if (request.url === '/keys') json(jwks(first))(request, response);
    else json({}, 404)(request, response);
  });
  const it = await provider(t, { type: 'jwt', issuer: tenant, audience: ['orders'] });
  const token = await mint(first, { claims: { iss: tenant } });
  assert.equal(brief(await it.bearer(token)), 'joe');
});

for (const [what, metadata] of [
  ['of another issuer', { issuer: 'https://evil.example' }],
  ['with a slash more in its issuer', { issuer: 'http://127.0.0.1/' }],
  ['without jwks_uri', { jwks_uri: undefined }],
  ['with keys in a file', { jwks_uri: 'file:///etc/passwd' }],
  ['with keys at no address', { jwks_uri: 'keys' }],
] as const) {
  test(`metadata ${what} brings no keys: 503, and not ready`, async (t) => {
    const { issuer, claims, fetches } = await discoverable(t, metadata);
    const it = await jwt(t, issuer);
    assert.equal(it.check?.().ok, false);
    assert.equal(brief(await it.bearer(await mint(first, { claims }))), 'undecided: no_keys');
    assert.equal(fetches(), 0);
  });
}

test('a new key is fetched when a token names it, 30 s after the last fetch', async (t) => {
  const { issuer, claims, rotate, fetches } = await discoverable(t);
  const it = await jwt(t, issuer);
  const { advance } = clock(t);
  rotate(first, second);
  const token = await mint(second, { claims });
  advance(29);
  assert.equal(brief(await it.bearer(token)), 'rejected: unknown_key');
  advance(2);
  assert.equal(brief(await it.bearer(token)), 'joe');
  assert.equal(fetches(), 2);
  assert.equal(brief(await it.bearer(await mint(first, { claims }))), 'joe');
});

test('however many unknown kids come, there is one fetch in 30 s, up or down', async (t) => {
  const { issuer, claims, fetches } = await discoverable(t);
  const it = await jwt(t, issuer);
  const { advance } = clock(t);
  const flood = async () => {
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        mint(foreign, { claims, header: { kid: `random-${i}` } }),
      ),
    );
    return new Set((await Promise.all(tokens.map((one) => it.bearer(one)))).map(brief));
  };
  advance(31);
  assert.deepEqual(await flood(), new Set(['rejected: unknown_key']));
  await flood();
  assert.equal(fetches(), 2);
  issuer.respond(json({}, 500));
  const tries = () => it.metric('auth_refreshes_total{result="error"}');
  advance(31);
  assert.deepEqual(await flood(), new Set(['undecided: no_keys']));
  await flood();
  assert.equal(await tries(), 1);
  advance(31);
  await flood();
  assert.equal(await tries(), 2);
  assert.equal(brief(await it.bearer(await mint(first, { claims }))), 'joe');
});

test('a key that leaves the set takes the remembered tokens that it signed with it', async (t) => {
  const { issuer, claims, rotate } = await discoverable(t);
  const it = await jwt(t, issuer, { refresh: '100ms', cache: { ttl: '1h' } });
  const token = await mint(first, { claims });
  assert.equal(brief(await it.bearer(token)), 'joe');
  rotate(second);
  await awaitUntil(async () => brief(await it.bearer(token)) === 'rejected: unknown_key', {
    what: 'the refusal of the old key',
  });
});

test('another key under the same kid takes them with it as well', async (t) => {
  const { issuer, claims, rotate } = await discoverable(t);
  const it = await jwt(t, issuer, { refresh: '100ms', cache: { ttl: '1h' } });
  const token = await mint(first, { claims });
  assert.equal(brief(await it.bearer(token)), 'joe');
  rotate({ ...foreign, jwk: { ...foreign.jwk, kid: 'first' } });
  await awaitUntil(async () => brief(await it.bearer(token)) === 'rejected: signature', {
    what: 'the refusal of the old key',
  });
});

test('a thousand unknown kids make no fetch inside the gap, and good tokens pass', async (t) => {
  const { issuer, claims, fetches } = await discoverable(t);
  const it = await jwt(t, issuer);
  const good = await mint(first, { claims });
  for (let i = 0; i < 1000; i++) {
    const token = await mint(foreign, { claims, header: { kid: `random-${i}` } });
    assert.equal(brief(await it.bearer(token)), 'rejected: unknown_key');
  }
  assert.equal(brief(await it.bearer(good)), 'joe');
  assert.equal(fetches(), 1);
});

test('with the issuer down they make none either, and good tokens pass', async (t) => {
  const { issuer, claims } = await discoverable(t);
  const it = await jwt(t, issuer, { refresh: '100ms' });
  await issuer.down();
  const failed = 'auth_refreshes_total{result="error"}';
  await awaitUntil(async () => (await it.metric(failed)) === 1, { what: 'the failed refresh' });
  for (let i = 0; i < 1000; i++) {
    const token = await mint(foreign, { claims, header: { kid: `random-${i}` } });
    assert.equal(brief(await it.bearer(token)), 'undecided: no_keys');
  }
  for (let i = 0; i < 100; i++) {
    const good = await mint(first, { claims: { ...claims, jti: `${i}` } });
    assert.equal(brief(await it.bearer(good)), 'joe');
  }
  assert.equal(await it.metric(failed), 1);
  assert.equal(it.check?.().ok, true);
});

test('a crowd that waits for an issuer that hangs keeps no good token waiting', async (t) => {
  const { issuer, claims } = await discoverable(t);
  const it = await jwt(t, issuer, { timeout: '2s' });
  const { advance } = clock(t);
  const crowd = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      mint(foreign, { claims, header: { kid: `random-${i}` } }),
    ),
  );
  const token = await mint(first, { claims });
  issuer.respond(silence);
  advance(31);
  const waiting = crowd.map((one) => it.bearer(one));
  const good = it.bearer(token);
  assert.ok(!(good instanceof Promise));
  assert.equal(brief(good), 'joe');
  const answers = (await Promise.all(waiting)).map(brief);
  const count = (answer: string) => answers.filter((one) => one === answer).length;
  assert.deepEqual([count('undecided: no_keys'), count('undecided: busy')], [256, 744]);
});

test('tokens of other issuers never make a fetch', async (t) => {
  const { issuer, fetches } = await discoverable(t);
  await issuer.down();
  const it = await jwt(t, issuer);
  const token = await mint(foreign, { claims: { iss: 'https://other.example' } });
  assert.equal(brief(await it.bearer(token)), 'rejected: issuer');
  assert.equal(fetches(), 0);
});

test('keys that could not be fetched again are good for `stale`, then nothing is', async (t) => {
  const { issuer, claims } = await discoverable(t);
  const it = await jwt(t, issuer, { stale: '1h', cache: { ttl: '8h' } });
  const { advance } = clock(t);
  const remembered = await mint(first, { claims });
  assert.equal(brief(await it.bearer(remembered)), 'joe');
  await issuer.down();
  advance(3500);
  assert.equal(brief(await it.bearer(remembered)), 'joe');
  assert.equal(
    brief(await it.bearer(await mint(first, { claims: { ...claims, jti: '2' } }))),
    'joe',
  );
  advance(100);
  assert.equal(brief(await it.bearer(remembered)), 'undecided: no_keys');
  assert.equal(brief(await it.bearer(await mint(first, { claims }))), 'undecided: no_keys');
  // Still ready: no other replica has keys either, and not every route needs them.
  assert.equal(it.check?.().ok, true);
});

test('an issuer that is down at the start is asked until it is up', async (t) => {
  const { issuer, claims } = await discoverable(t);
  await issuer.down();
  const it = await jwt(t, issuer);
  assert.match(it.check?.().message ?? '', /no keys: .*ECONNREFUSED/);
  const token = await mint(first, { claims });
  assert.equal(brief(await it.bearer(token)), 'undecided: no_keys');
  await issuer.up();
  await awaitUntil(async () => brief(await it.bearer(token)) === 'joe', { what: 'keys' });
});

for (const [what, answer] of [
  ['an error', json({}, 500)],
  ['a redirect', (_, response) => response.writeHead(302, { location: '/keys' }).end()],
  ['no JSON', (_, response) => response.end('<html>')],
  ['JSON that is no key set', json([])],
  ['a set without end', (_, response) => response.end(' '.repeat(1_100_000))],
  ['silence', silence],
] as const satisfies readonly (readonly [string, Responder])[]) {
  test(`an issuer that answers with ${what} has no keys: 503`, async (t) => {
    const keys = await service(t, answer);
    const it = await provider(t, {
      type: 'jwt',
      issuer: 'https://idp.example',
      audience: ['orders'],
      jwks: { url: `${keys.url}/jwks?key=s3cret` },
      timeout: '300ms',
    });
    assert.equal(brief(await it.bearer(await mint(first))), 'undecided: no_keys');
    const { ok, message } = it.check?.() ?? {};
    assert.equal(ok, false);
    assert.doesNotMatch(message ?? '', /s3cret/, 'the page for readiness tells no secret');
    assert.ok(keys.requests.every(({ url }) => url === '/jwks?key=s3cret'));
  });
}

test('a key set in a file is read again when it is replaced; a bad one leaves it as it was', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-jwks-'));
  const path = join(directory, 'jwks.json');
  const replace = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  replace(JSON.stringify(jwks(first)));
  const it = await provider(t, {
    type: 'jwt',
    issuer: 'https://idp.example',
    audience: ['orders'],
    jwks: { file: path },
  });
  const [old, next] = await Promise.all([mint(first), mint(second)]);
  assert.equal(brief(await it.bearer(old)), 'joe');
  replace('{"keys": [');
  await awaitUntil(async () => (await it.metric('auth_refreshes_total{result="error"}')) > 0, {
    what: 'the refusal of the bad file',
  });
  assert.equal(brief(await it.bearer(old)), 'joe');
  replace(JSON.stringify(jwks(second)));
  await awaitUntil(async () => brief(await it.bearer(next)) === 'joe', { what: 'the new key' });
  assert.equal(brief(await it.bearer(old)), 'rejected: unknown_key');
});
