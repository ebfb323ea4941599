import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { brief, provider } from './ask.ts';
import { clock } from './clock.ts';
import { testFile } from './file.ts';
import { type KubernetesApi, kubernetesApi, ownToken } from './kubernetes-api.ts';
import { json, type Responder, silence } from './service.ts';

const user = {
  username: 'system:serviceaccount:shop:web',
  uid: 'f00',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['web-0'] },
};

async function cluster(test: TestContext) {
  const api = await kubernetesApi(test);
  api.tokens.set('good', { user, audiences: ['orders', 'https://kubernetes.default.svc'] });
  api.tokens.set('other', { user, audiences: ['billing'] });
  return api;
}

const sa = (test: TestContext, api: KubernetesApi, more: Readonly<Record<string, unknown>> = {}) =>
  provider(test, {
    type: 'kubernetes',
    server: api.server.url,
    auth: { bearer: { file: testFile(test, `${ownToken}\n`).path } },
    tls: {},
    ...more,
  });

test('a token that the API server knows is proved, with its groups', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api);
  const finding = await it.bearer('good');
  assert.ok(finding.kind === 'proved');
  assert.equal(finding.identity.subject, user.username);
  assert.deepEqual(finding.identity.groups, user.groups);
  assert.deepEqual(finding.identity.claims['extra'], user.extra);
  assert.deepEqual(api.specs('TokenReview'), [{ token: 'good' }]);
  assert.equal(brief(await it.bearer('bad')), 'rejected: inactive');
  assert.equal(brief(await it.ask()), 'absent');
});

test('the audience is asked for, and believed only when the server says it back', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api, { audience: ['orders'] });
  assert.equal(brief(await it.bearer('good')), user.username);
  assert.equal(brief(await it.bearer('other')), 'rejected: inactive');
  assert.deepEqual(api.specs('TokenReview')[0], { token: 'good', audiences: ['orders'] });
  // A server that knows no audiences says none: the token is then for the server alone.
  for (const audiences of [undefined, [], ['billing'], 'orders']) {
    api.server.respond(json({ status: { authenticated: true, user, audiences } }, 201));
    assert.equal(brief(await it.bearer(`old ${audiences}`)), 'rejected: audience');
  }
});

test('an answer is remembered for the ttl', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api, { cache: { ttl: '30s' } });
  const { advance } = clock(t);
  await it.bearer('good');
  api.tokens.clear();
  advance(29);
  assert.ok(!(it.bearer('good') instanceof Promise));
  assert.equal(brief(await it.bearer('good')), user.username);
  advance(2);
  assert.equal(brief(await it.bearer('good')), 'rejected: inactive');
});

test('RBAC is asked for the path and the method', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api, { subjectAccessReview: true });
  api.allow = ({ nonResourceAttributes }) =>
    JSON.stringify(nonResourceAttributes) === '{"path":"/orders","verb":"get"}';
  assert.equal(brief(await it.bearer('good')), user.username);
  assert.deepEqual(api.specs('SubjectAccessReview'), [
    {
      user: user.username,
      uid: user.uid,
      groups: user.groups,
      extra: user.extra,
      nonResourceAttributes: { path: '/orders', verb: 'get' },
    },
  ]);
  const headers = { authorization: 'Bearer good' };
  assert.equal(brief(await it.ask(headers, { method: 'POST' })), 'forbidden: access_review');
  assert.equal(brief(await it.ask(headers, { path: '/admin' })), 'forbidden: access_review');
  assert.equal(api.specs('TokenReview').length, 1);
});

test('RBAC is asked for a resource, with the verb that the method stands for', async (t) => {
  const api = await cluster(t);
  const resource = { group: 'shop.example', resource: 'orders', namespace: 'shop' };
  const it = await sa(t, api, { subjectAccessReview: resource });
  api.allow = () => true;
  const headers = { authorization: 'Bearer good' };
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    assert.equal(brief(await it.ask(headers, { method })), user.username);
  }
  const asked = api.specs('SubjectAccessReview').map((spec) => spec['resourceAttributes']);
  assert.deepEqual(
    asked,
    // HEAD asks what GET has asked: remembered.
    ['get', 'create', 'update', 'patch', 'delete'].map((verb) => ({ verb, ...resource })),
  );
});

test('a yes is remembered for the same question only', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api, { subjectAccessReview: true });
  api.allow = () => true;
  const headers = { authorization: 'Bearer good' };
  await it.ask(headers);
  assert.ok(!(it.ask(headers) instanceof Promise));
  api.allow = () => false;
  assert.equal(brief(await it.ask(headers)), user.username);
  assert.equal(brief(await it.ask(headers, { path: '/else' })), 'forbidden: access_review');
});

const broken: readonly (readonly [string, Responder, string])[] = [
  ['403: it may not review', json({ kind: 'Status', code: 403 }, 403), 'bad_answer'],
  ['an error', json({ status: { authenticated: true, user, allowed: true } }, 500), 'bad_answer'],
  ['a redirect', (_, out) => out.writeHead(307, { location: '/' }).end(), 'bad_answer'],
  ['no JSON', (_, out) => out.writeHead(201).end('ok'), 'bad_answer'],
  ['no status', json({ kind: 'TokenReview' }, 201), 'bad_answer'],
  ['silence', silence, 'timeout'],
];

for (const [what, answer, reason] of broken) {
  test(`an API server that answers with ${what} decides nothing, of token or access`, async (t) => {
    const api = await cluster(t);
    const it = await sa(t, api, {
      subjectAccessReview: true,
      timeout: reason === 'timeout' ? '1s' : '30s',
    });
    api.allow = () => true;
    await it.bearer('good');
    api.server.respond(answer);
    assert.equal(brief(await it.bearer('unseen')), `undecided: ${reason}`);
    const known = await it.ask({ authorization: 'Bearer good' }, { path: '/unseen' });
    assert.equal(brief(known), `undecided: ${reason}`);
  });
}

for (const [what, odd] of [
  ['no name', { ...user, username: undefined }],
  ['an empty name', { ...user, username: '' }],
  ['a line end in its name', { ...user, username: 'a\nb' }],
  ['groups that are no list', { ...user, groups: 'system:masters' }],
  ['a group that is no text', { ...user, groups: [7] }],
] as const) {
  test(`a user with ${what} is rejected`, async (t) => {
    const api = await cluster(t);
    const it = await sa(t, api);
    api.server.respond(json({ status: { authenticated: true, user: odd } }, 201));
    assert.equal(brief(await it.bearer('good')), 'rejected: malformed_claims');
  });
}

test('authenticated as anything but true is no proof', async (t) => {
  const api = await cluster(t);
  const it = await sa(t, api);
  for (const authenticated of ['true', 1, {}, undefined, null, false]) {
    api.server.respond(json({ status: { authenticated, user } }, 201));
    assert.equal(brief(await it.bearer(`t ${authenticated}`)), 'rejected: inactive');
  }
});

test('our own token is read again when the kubelet renews it', async (t) => {
  const api = await cluster(t);
  const own = testFile(t, 'stale');
  const it = await sa(t, api, { auth: { bearer: { file: own.path } } });
  assert.equal(brief(await it.bearer('good')), 'undecided: bad_answer');
  own.replace(ownToken);
  assert.equal(brief(await it.bearer('good')), user.username);
});
