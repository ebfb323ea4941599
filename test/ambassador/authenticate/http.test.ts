import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { brief, provider } from './ask.ts';
import { clock } from './clock.ts';
import { type Responder, type Service, service, silence } from './service.ts';

const ext = (test: TestContext, check: Service, more: Readonly<Record<string, unknown>> = {}) =>
  provider(test, { type: 'http', url: `${check.url}/check?for=orders`, ...more });

const yes: Responder = (_, response) =>
  response
    .writeHead(200, {
      'x-auth-request-user': 'joe',
      'x-auth-request-groups': 'editors, staff',
      'x-tenant': 'acme',
      'x-internal': 'not asked for',
    })
    .end('ignored');

test('the service is shown the request and the headers chosen, and no others', async (t) => {
  const check = await service(t, yes);
  const it = await ext(t, check, {
    send: ['Authorization', 'X-Device'],
    headers: { 'x-caller': 'podmates' },
  });
  await it.ask(
    { authorization: 'Bearer t', 'x-device': 'phone', cookie: 'a=b', 'x-forwarded-uri': '/public' },
    { method: 'DELETE' },
  );
  const [request] = check.requests;
  assert.equal(request?.method, 'GET');
  assert.equal(request.url, '/check?for=orders');
  const { connection: _, host: __, ...headers } = request.headers;
  assert.deepEqual(headers, {
    authorization: 'Bearer t',
    'x-device': 'phone',
    'x-caller': 'podmates',
    'x-forwarded-method': 'DELETE',
    'x-forwarded-uri': '/orders',
    'x-forwarded-host': 'shop.example',
    'x-forwarded-for': '192.0.2.7',
  });
});

test('a caller cannot name the headers that describe the request', async (t) => {
  const check = await service(t, yes);
  const it = await ext(t, check, { send: ['x-forwarded-uri', 'authorization'] });
  await it.ask({ 'x-forwarded-uri': '/public' });
  assert.equal(check.requests[0]?.headers['x-forwarded-uri'], '/orders');
});

test('2xx lets in, with the caller, groups and claims of the answer', async (t) => {
  const it = await ext(t, await service(t, yes), { take: ['x-tenant', 'x-absent'] });
  const finding = await it.bearer('t');
  assert.ok(finding.kind === 'proved');
  const { subject, groups, claims } = finding.identity;
  assert.equal(subject, 'joe');
  assert.deepEqual(groups, ['editors', 'staff']);
  assert.deepEqual(claims, { 'x-tenant': 'acme' });
});

test('a yes that names nobody is the name of the authenticator', async (t) => {
  const it = await ext(t, await service(t, (_, response) => response.writeHead(204).end()));
  assert.equal(brief(await it.bearer('t')), 'it');
});

test('401 rejects with its challenge, or is no credential if none was shown', async (t) => {
  const check = await service(t, (_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="ext"' }).end(),
  );
  const it = await ext(t, check);
  const finding = await it.bearer('t');
  assert.deepEqual(finding, {
    kind: 'rejected',
    reason: 'refused',
    challenge: 'Bearer realm="ext"',
  });
  assert.equal(brief(await it.ask()), 'absent');
});

test('403 forbids', async (t) => {
  const it = await ext(t, await service(t, (_, response) => response.writeHead(403).end()));
  assert.equal(brief(await it.bearer('t')), 'forbidden: refused');
});

const broken: readonly (readonly [string, Responder, string])[] = [
  ...[302, 303, 307, 400, 404, 407, 418, 429, 500, 502, 503].map(
    (status) =>
      [
        `${status}`,
        (_: unknown, out: Parameters<Responder>[1]) =>
          void out.writeHead(status, { 'x-auth-request-user': 'joe', location: '/yes' }).end(),
        'bad_answer',
      ] as const,
  ),
  ['silence', silence, 'timeout'],
  ['a hang-up', (_, out) => out.destroy(), 'unreachable'],
  ['a head without end', (_, out) => out.socket?.write('HTTP/1.1 200 OK\r\nx: '), 'timeout'],
  ['a body without end', (_, out) => void out.writeHead(200).write('x'), 'timeout'],
  ['a long body', (_, out) => void out.writeHead(200).end('x'.repeat(70_000)), 'bad_answer'],
  ['no HTTP', (_, out) => out.socket?.end('yes\r\n\r\n'), 'unreachable'],
  [
    'two callers',
    (_, out) => void out.writeHead(200, { 'x-auth-request-user': ['joe', 'root'] }).end(),
    'bad_answer',
  ],
];

for (const [what, answer, reason] of broken) {
  test(`${what} decides nothing`, async (t) => {
    const timeout = reason === 'timeout' ? '200ms' : '30s';
    const it = await ext(t, await service(t, answer), { timeout });
    assert.equal(brief(await it.bearer('t')), `undecided: ${reason}`);
  });
}

test('nothing is remembered unless asked for', async (t) => {
  const check = await service(t, yes);
  const it = await ext(t, check);
  await it.bearer('t');
  await it.bearer('t');
  assert.equal(check.requests.length, 2);
});

test('with a ttl the same request by the same caller is, and no other', async (t) => {
  const check = await service(t, yes);
  const it = await ext(t, check, { cache: { ttl: '30s' } });
  const { advance } = clock(t);
  const headers = { authorization: 'Bearer t' };
  await it.ask(headers);
  assert.ok(!(it.ask(headers) instanceof Promise));
  check.respond((_, response) => response.writeHead(403).end());
  for (const other of [
    { method: 'POST' },
    { path: '/orders/1' },
    { host: 'admin.example' },
    { remoteAddress: '192.0.2.8' },
  ]) {
    assert.equal(brief(await it.ask(headers, other)), 'forbidden: refused');
  }
  assert.equal(brief(await it.ask({ authorization: 'Bearer u' })), 'forbidden: refused');
  assert.equal(brief(await it.ask(headers)), 'joe');
  advance(31);
  assert.equal(brief(await it.ask(headers)), 'forbidden: refused');
});
