import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ambassadorSchema, createAmbassador, hashKey } from '../../sidecars/ambassador/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { testFile } from './authenticate/file.ts';
import { issuer, jwks, mint, signingKey } from './authenticate/issuer.ts';

async function running(t: TestContext, auth: Readonly<Record<string, unknown>>) {
  const app = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => app.close());
  const config = (providers: Readonly<Record<string, unknown>>) =>
    ambassadorSchema.parse({
      listen: '127.0.0.1:0',
      admin: false,
      upstream: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
      shutdown: { delay: '0s', deadline: '1s' },
      accessLog: 'none',
      auth: providers,
      routes: [{ path: '/orders' }],
    });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const metrics = createMetrics('ambassador');
  const ambassador = createAmbassador(config(auth), { logger, metrics });
  await ambassador.start();
  t.after(() => ambassador.stop());
  return {
    reload: (providers: Readonly<Record<string, unknown>>) => ambassador.reload(config(providers)),
    ready: () => ambassador.ready(),
    async ask(headers: Readonly<Record<string, string>>): Promise<number> {
      const { http } = ambassador.addresses();
      return (await fetch(`http://${http}/orders`, { headers })).status;
    },
  };
}

const keyFile = (t: TestContext, key: string) => ({
  type: 'apiKey',
  file: testFile(t, `- {name: billing, hash: "${hashKey(key)}"}`).path,
});

test('a reload puts other authenticators in force, and the old ones are out', async (t) => {
  const it = await running(t, { keys: keyFile(t, 'the first key') });
  assert.equal(await it.ask({ 'x-api-key': 'the first key' }), 200);
  await it.reload({ partners: keyFile(t, 'the second key') });
  assert.equal(await it.ask({ 'x-api-key': 'the first key' }), 401);
  assert.equal(await it.ask({ 'x-api-key': 'the second key' }), 200);
  assert.deepEqual(Object.keys(it.ready().checks), ['auth.partners']);
});

test('a reload that cannot work changes nothing', async (t) => {
  const it = await running(t, { keys: keyFile(t, 'the first key') });
  const missing = { type: 'apiKey', file: '/nowhere/keys' };
  await assert.rejects(it.reload({ keys: missing }), /auth\.keys: cannot read \/nowhere\/keys/);
  await assert.rejects(
    it.reload({ own: { type: 'custom', use: 'badge' } }),
    /auth\.own\.use: no authenticator "badge"/,
  );
  assert.equal(await it.ask({ 'x-api-key': 'the first key' }), 200);
});

test('nothing that was remembered outlives a reload', async (t) => {
  const [first, second] = await Promise.all([signingKey('ES256', 'a'), signingKey('ES256', 'a')]);
  const jwt = (key: typeof first) => ({
    type: 'jwt',
    issuer,
    audience: ['orders'],
    jwks: { file: testFile(t, JSON.stringify(jwks(key))).path },
    cache: { ttl: '1h' },
  });
  const it = await running(t, { login: jwt(first) });
  const headers = { authorization: `Bearer ${await mint(first)}` };
  assert.equal(await it.ask(headers), 200);
  await it.reload({ login: jwt(second) });
  assert.equal(await it.ask(headers), 401);
  await it.reload({ login: { ...jwt(first), audience: ['billing'] } });
  assert.equal(await it.ask(headers), 401);
  await it.reload({ login: jwt(first) });
  assert.equal(await it.ask(headers), 200);
});

test('requests that are under way through a reload are all answered', async (t) => {
  const keys = keyFile(t, 'the first key');
  const it = await running(t, { keys });
  const answers: number[] = [];
  let asking = true;
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (asking) answers.push(await it.ask({ 'x-api-key': 'the first key' }));
    }),
  );
  for (let i = 0; i < 5; i++) await it.reload({ keys });
  asking = false;
  await load;
  assert.ok(answers.length > 0 && answers.every((status) => status === 200), answers.join());
});
