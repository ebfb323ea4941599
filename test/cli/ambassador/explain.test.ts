import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hashKey } from '../../../sidecars/ambassador/index.ts';
import { issuer, jwks, mint, signingKey } from '../../ambassador/authenticate/issuer.ts';
import { callPodmates } from '../call-podmates.ts';

const key = await signingKey('RS256', 'key');
const touched: string[] = [];
const app = createServer((request, response) => {
  touched.push(request.url ?? '');
  response.end();
});
app.listen(0, '127.0.0.1');
await once(app, 'listening');
after(() => app.close());

const directory = mkdtempSync(join(tmpdir(), 'podmates-explain-'));
after(() => rmSync(directory, { recursive: true }));
const inDirectory = (name: string, content: string) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};

const keySet = inDirectory('jwks.json', JSON.stringify(jwks(key)));
const keys = inDirectory(
  'keys.yaml',
  `- {name: billing, hash: "${hashKey('the key of billing')}"}`,
);
const config = inDirectory(
  'podmates.yaml',
  `ambassador:
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  auth:
    corp: {type: jwt, issuer: ${issuer}, audience: [orders], jwks: {file: ${keySet}}}
    keys: {type: apiKey, file: ${keys}}
  routes:
    - {path: /health, public: true}
    - {path: /api/**, methods: [GET], require: {groups: [editors]}}
    - {path: /orders, require: {scopes: [orders:read, orders:list]}}
`,
);

const explain = async (...args: readonly string[]) => {
  const ran = await callPodmates(['ambassador', 'explain', '-c', config, ...args]);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
};
const explainJson = async (...args: readonly string[]) =>
  JSON.parse(await explain(...args, '--json'));

test('who is let in, by which route and as whom', async () => {
  const token = await mint(key, { claims: { groups: ['editors', 'stäff'] } });
  const header = inDirectory('token', `Authorization: Bearer ${token}\n`);
  const told = await explain('GET', '/api/%41?secret=1', '-H', `@${header}`, '--from', '192.0.2.7');
  assert.match(told, /^from +192\.0\.2\.7$/m);
  assert.match(told, /^path +\/api\/A$/m);
  assert.match(told, /^route +\/api\/\*\*$/m);
  assert.match(told, /^corp +proved "joe"; groups editors, stäff; until 20/m);
  assert.match(told, /^keys +absent$/m);
  assert.match(told, /^decision +let in, to http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(told, /^app sees +X-User: joe$/m);
  assert.match(told, /^app sees +X-Groups: editors,st%C3%A4ff$/m);
  assert.ok(!told.includes(token));
});

test('who is refused, and what would be missing', async () => {
  const group = await explainJson('GET', '/api/x', '-H', 'X-Api-Key: the key of billing');
  assert.equal(group.status, 403);
  assert.equal(group.reason, 'missing_group');
  assert.deepEqual(group.findings[1].subject, 'billing');
  const nobody = await explainJson('GET', '/api/x');
  assert.deepEqual([nobody.status, nobody.reason], [401, 'no_credential']);
  assert.deepEqual(nobody.answer[0], 'WWW-Authenticate: Bearer realm="corp"');
  const forged = await explainJson('GET', '/api/x', '-H', 'Authorization: Bearer x.y.z');
  assert.deepEqual([forged.status, forged.detail], [401, 'malformed']);
});

test('a token with too few scopes is told which it takes; a key has nobody to ask for more', async () => {
  const token = await mint(key, { claims: { scope: 'orders:read' } });
  const header = inDirectory('scoped', `Authorization: Bearer ${token}\n`);
  const told = await explainJson('GET', '/orders', '-H', `@${header}`);
  assert.deepEqual([told.status, told.reason], [403, 'missing_scope']);
  const lacking = 'error="insufficient_scope", scope="orders:read orders:list"';
  assert.deepEqual(told.answer, [`WWW-Authenticate: Bearer realm="corp", ${lacking}`]);
  const keyed = await explainJson('GET', '/orders', '-H', 'X-Api-Key: the key of billing');
  assert.deepEqual([keyed.status, keyed.answer], [403, []]);
});

test('what never gets to a route', async () => {
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [['GET', '/elsewhere'], 403, 'no_route'],
    [['POST', '/api/x'], 405, 'method_not_allowed'],
    [['GET', '/api/../health'], 400, 'ambiguous_path'],
    [['GET', '/api/%2e%2e/health'], 400, 'ambiguous_path'],
    [['GET', '/api#/health'], 400, 'ambiguous_path'],
    [['GET', '/a b'], 400, 'malformed_request'],
    [['GET', '/api', '-H', 'X-Api-Key: a', '-H', 'X-Api-Key: b'], 400, 'duplicate_header'],
    [['GET', '/health', '-H', 'Transfer-Encoding: xchunked'], 400, 'malformed_request'],
  ];
  for (const [args, status, reason] of cases) {
    const told = await explainJson(...args);
    assert.deepEqual([told.status, told.reason], [status, reason], args.join(' '));
    assert.deepEqual(told.findings, []);
  }
});

test('a public route asks nobody', async () => {
  const told = await explain('GET', '/health');
  assert.match(told, /^route +\/health \(public\)$/m);
  assert.match(told, /^decision +let in/m);
});

test('nothing of all this reached the app', () => {
  assert.deepEqual(touched, []);
});

test('wrong usage exits 2', async () => {
  for (const [args, message] of [
    [['GET'], /say METHOD and PATH/],
    [['GET', '/x', '-H', 'nonsense'], /expected 'Name: value'/],
    [['GET', '/x', '-H', 'a: b\r\nc: d'], /without line ends/],
    [['GET', '/x\r\nHost: y'], /no line ends/],
  ] as const) {
    const ran = await callPodmates(['ambassador', 'explain', '-c', config, ...args]);
    assert.equal(ran.code, 2, ran.stdout);
    assert.match(ran.stderr, message);
  }
});
