import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { brief, provider } from './ask.ts';
import { clock } from './clock.ts';
import { testFile } from './file.ts';
import { now } from './issuer.ts';
import { json, type Responder, type Service, service, silence } from './service.ts';

const active = (more: Readonly<Record<string, unknown>> = {}) => ({
  active: true,
  sub: 'joe',
  scope: 'orders:read orders:write',
  aud: 'orders',
  iss: 'https://idp.example',
  exp: now() + 60,
  ...more,
});

async function legacy(
  test: TestContext,
  endpoint: Service,
  more: Readonly<Record<string, unknown>> = {},
) {
  const secret = testFile(test, 's%cret: ü\n');
  return provider(test, {
    type: 'introspection',
    url: `${endpoint.url}/introspect`,
    clientId: 'amb assador',
    clientSecret: { file: secret.path },
    ...more,
  });
}

test('an active token is proved, and the endpoint is asked as RFC 7662 has it', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint);
  const finding = await it.bearer('opaque+token/=');
  assert.ok(finding.kind === 'proved');
  assert.deepEqual(finding.identity.scopes, ['orders:read', 'orders:write']);
  const [request] = endpoint.requests;
  assert.equal(request?.method, 'POST');
  assert.equal(request.url, '/introspect');
  assert.equal(request.body, 'token=opaque%2Btoken%2F%3D&token_type_hint=access_token');
  assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
  const [, credentials = ''] = request.headers.authorization?.split(' ') ?? [];
  // RFC 6749 appendix B, worked out by hand.
  assert.equal(Buffer.from(credentials, 'base64').toString(), 'amb+assador:s%25cret%3A+%C3%BC');
});

const refused: readonly (readonly [string, unknown, string, Readonly<Record<string, unknown>>?])[] =
  [
    ['an inactive one', { active: false }, 'inactive'],
    [
      'one that is active elsewhere',
      active({ aud: 'billing' }),
      'audience',
      { audience: ['orders'] },
    ],
    ['one without audience', active({ aud: undefined }), 'audience', { audience: ['orders'] }],
    [
      'one of another issuer',
      active({ iss: 'https://evil' }),
      'issuer',
      { issuer: 'https://idp.example' },
    ],
    ['one that expired all the same', active({ exp: now() - 1 }), 'expired'],
    ['one that is not good yet', active({ nbf: now() + 60 }), 'not_yet_valid'],
    ['one whose end is a text', active({ exp: 'never' }), 'malformed_claims'],
    ['one without subject', active({ sub: undefined }), 'malformed_claims'],
    ['one with a line end', active({ sub: 'a\nb' }), 'malformed_claims'],
    ['one without a required claim', active(), 'required_claim', { claims: { tenant: 'acme' } }],
  ];

for (const [what, answer, reason, config] of refused) {
  test(`of tokens, ${what} is rejected: ${reason}`, async (t) => {
    const it = await legacy(t, await service(t, json(answer)), config);
    assert.equal(brief(await it.bearer('opaque')), `rejected: ${reason}`);
  });
}

const broken: readonly (readonly [string, Responder, string])[] = [
  ['an error', json({ active: true, sub: 'joe' }, 500), 'bad_answer'],
  ['401: it does not know us', json({}, 401), 'bad_answer'],
  ['a redirect', (_, out) => out.writeHead(302, { location: '/yes' }).end(), 'bad_answer'],
  ['no JSON', (_, out) => out.end('active'), 'bad_answer'],
  ['half a JSON', (_, out) => out.end('{"active": true'), 'bad_answer'],
  ['a list', json([active()]), 'bad_answer'],
  ['nothing about active', json({ sub: 'joe' }), 'bad_answer'],
  ['active as a text', json(active({ active: 'true' })), 'bad_answer'],
  ['active as a number', json(active({ active: 1 })), 'bad_answer'],
  ['more than anybody reads', json(active({ x: 'x'.repeat(70_000) })), 'bad_answer'],
  ['silence', silence, 'timeout'],
  ['a hang-up', (_, out) => out.destroy(), 'unreachable'],
];

for (const [what, answer, reason] of broken) {
  test(`${what} decides nothing, and is not remembered`, async (t) => {
    const endpoint = await service(t, answer);
    const it = await legacy(t, endpoint, { timeout: reason === 'timeout' ? '1s' : '30s' });
    assert.equal(brief(await it.bearer('opaque')), `undecided: ${reason}`);
    endpoint.respond(json(active()));
    assert.equal(brief(await it.bearer('opaque')), 'joe');
  });
}

test('an endpoint that is down decides nothing; it is ready all the same, and says so', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint);
  await endpoint.down();
  assert.equal(brief(await it.bearer('opaque')), 'undecided: unreachable');
  assert.match(it.check?.().message ?? '', /ECONNREFUSED/);
  assert.equal(it.check?.().ok, true);
});

test('a secret that cannot be read decides nothing', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint, { clientSecret: { file: '/nowhere/secret' } });
  assert.equal(brief(await it.bearer('opaque')), 'undecided: failed');
  assert.equal(endpoint.requests.length, 0);
});

test('an answer is remembered for the ttl: a revoked token ends with it', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint, { cache: { ttl: '30s' } });
  const { advance } = clock(t);
  assert.equal(brief(await it.bearer('opaque')), 'joe');
  endpoint.respond(json({ active: false }));
  advance(29);
  const again = it.bearer('opaque');
  assert.ok(!(again instanceof Promise));
  assert.equal(brief(again), 'joe');
  assert.equal(endpoint.requests.length, 1);
  advance(2);
  assert.equal(brief(await it.bearer('opaque')), 'rejected: inactive');
});

test('a refusal is remembered for 5 s at most', async (t) => {
  const endpoint = await service(t, json({ active: false }));
  const it = await legacy(t, endpoint, { cache: { ttl: '1h' } });
  const { advance } = clock(t);
  assert.equal(brief(await it.bearer('opaque')), 'rejected: inactive');
  endpoint.respond(json(active()));
  advance(4);
  assert.equal(brief(await it.bearer('opaque')), 'rejected: inactive');
  advance(2);
  assert.equal(brief(await it.bearer('opaque')), 'joe');
});

test('a ttl of nothing asks every time', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint, { cache: { ttl: '0s' } });
  await it.bearer('opaque');
  await it.bearer('opaque');
  assert.equal(endpoint.requests.length, 2);
});

test('an inactive token that is shown again and again is asked about once', async (t) => {
  const endpoint = await service(t, json({ active: false }));
  const it = await legacy(t, endpoint);
  for (let i = 0; i < 20; i++) await it.bearer('opaque');
  assert.equal(endpoint.requests.length, 1);
  assert.equal(await it.metric('auth_cache_events_total{event="negative_hit"}'), 19);
});

test('one token shown by many at once is asked about once; other tokens by themselves', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => it.bearer(`opaque-${i % 3}`)),
  );
  assert.deepEqual(new Set(answers.map(brief)), new Set(['joe']));
  assert.equal(endpoint.requests.length, 3);
});

test('a flood of tokens waits in bounds: what is too much is undecided at once', async (t) => {
  const endpoint = await service(t, silence);
  const it = await legacy(t, endpoint, { timeout: '500ms' });
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => it.bearer(`t${i}`)));
  const count = (answer: string) => answers.filter((one) => brief(one) === answer).length;
  assert.equal(count('undecided: busy'), 1000 - 256);
  assert.equal(count('undecided: timeout'), 256);
});

test('what could not be a token is never sent', async (t) => {
  const endpoint = await service(t, json(active()));
  const it = await legacy(t, endpoint);
  assert.equal(brief(await it.bearer('a b')), 'rejected: malformed');
  assert.equal(brief(await it.bearer('ä')), 'rejected: malformed');
  assert.equal(brief(await it.bearer('x'.repeat(20_000))), 'rejected: too_long');
  assert.equal(brief(await it.ask({ authorization: 'Basic eDp5' })), 'absent');
  assert.equal(endpoint.requests.length, 0);
});
