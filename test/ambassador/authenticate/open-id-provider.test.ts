import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { brief, provider } from './ask.ts';
import { testFile } from './file.ts';
import {
  audience,
  introspectionClient,
  type OpenIdProvider,
  openIdProvider,
} from './open-id-provider.ts';

const jwt = (test: TestContext, { issuer }: OpenIdProvider) =>
  provider(test, {
    type: 'jwt',
    issuer,
    audience: [audience],
    subject: 'client_id',
    tokenType: 'at+jwt',
    refresh: '200ms',
  });

test('an access token of a certified OpenID provider is proved', async (t) => {
  const idp = await openIdProvider(t);
  const it = await jwt(t, idp);
  const finding = await it.bearer(await idp.token());
  assert.ok(finding.kind === 'proved');
  assert.equal(finding.identity.subject, 'caller');
  assert.deepEqual(finding.identity.scopes, ['orders:read']);
});

test('its keys are rotated under load, and not one good token is refused', async (t) => {
  const idp = await openIdProvider(t);
  const it = await jwt(t, idp);
  const tokens = [await idp.token()];
  const seen = new Map<string, number>();
  let asking = true;
  const load = (async () => {
    for (let i = 0; asking; i++) {
      const token = tokens[i % tokens.length] ?? '';
      const found = brief(await it.bearer(token));
      seen.set(found, (seen.get(found) ?? 0) + 1);
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const refreshed = () => it.metric('auth_refreshes_total{result="success"}');
  for (let round = 0; round < 3; round++) {
    await idp.rotate({ keepOld: true });
    const before = await refreshed();
    // As issuers do: the key is published a while before it signs.
    await awaitUntil(async () => (await refreshed()) > before + 1, { what: 'the new key' });
    tokens.push(await idp.token());
  }
  asking = false;
  await load;
  assert.deepEqual([...seen.keys()], ['caller']);
  assert.ok((seen.get('caller') ?? 0) > 100);
});

test('a key that was withdrawn takes all its tokens with it', async (t) => {
  const idp = await openIdProvider(t);
  const it = await jwt(t, idp);
  const token = await idp.token();
  assert.equal(brief(await it.bearer(token)), 'caller');
  await idp.rotate({ keepOld: false });
  await awaitUntil(async () => brief(await it.bearer(token)) === 'rejected: unknown_key', {
    what: 'the end of the old key',
  });
  assert.equal(brief(await it.bearer(await idp.token())), 'caller');
});

test('an opaque token is introspected, and ends when it is revoked', async (t) => {
  const idp = await openIdProvider(t);
  const secret = testFile(t, introspectionClient.secret);
  const it = await provider(t, {
    type: 'introspection',
    url: `${idp.issuer}/token/introspection`,
    clientId: introspectionClient.id,
    clientSecret: { file: secret.path },
    issuer: idp.issuer,
    audience: [audience],
    subject: 'client_id',
    cache: { ttl: '200ms' },
  });
  const token = await idp.token('opaque');
  assert.equal(brief(await it.bearer(token)), 'caller');
  assert.equal(brief(await it.bearer(`${token}x`)), 'rejected: inactive');
  await idp.revoke(token);
  await awaitUntil(async () => brief(await it.bearer(token)) === 'rejected: inactive', {
    what: 'the end of the token',
  });
});

test('an opaque token is no JWT, and no JWT of it is believed', async (t) => {
  const idp = await openIdProvider(t);
  const it = await jwt(t, idp);
  assert.equal(brief(await it.bearer(await idp.token('opaque'))), 'rejected: malformed');
});
