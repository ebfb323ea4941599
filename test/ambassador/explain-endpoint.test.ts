import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ambassadorSchema, createAmbassador, hashKey } from '../../sidecars/ambassador/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { testFile } from './authenticate/file.ts';

async function admin(t: TestContext, more: Readonly<Record<string, unknown>>): Promise<string> {
  const keys = testFile(t, `- {name: billing, hash: "${hashKey('the key of billing')}"}`);
  const config = ambassadorSchema.parse({
    listen: '127.0.0.1:0',
    admin: { listen: '127.0.0.1:0' },
    upstream: 'http://127.0.0.1:9',
    shutdown: { delay: '0s', deadline: '1s' },
    auth: { keys: { type: 'apiKey', file: keys.path } },
    routes: [{ path: '/orders' }],
    ...more,
  });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const ambassador = createAmbassador(config, { logger, metrics: createMetrics('ambassador') });
  await ambassador.start();
  t.after(() => ambassador.stop());
  return `http://${ambassador.addresses()['admin']}/explain`;
}

const ask = (url: string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('it is not there unless asked for', async (t) => {
  const url = await admin(t, {});
  assert.equal((await ask(url, { method: 'GET', path: '/orders' })).status, 404);
});

test('it says who would be let in, and why not', async (t) => {
  const url = await admin(t, { explain: true });
  const headers = { 'x-api-key': 'the key of billing' };
  const yes = await ask(url, { method: 'GET', path: '/orders', headers });
  const explanation = (await yes.json()) as Record<string, unknown>;
  assert.equal(explanation['decision'], 'allowed');
  assert.deepEqual(explanation['identity'], ['X-User: billing']);
  const no = await ask(url, { method: 'GET', path: '/orders', from: '192.0.2.7' });
  const { decision, reason, address } = (await no.json()) as Record<string, unknown>;
  assert.deepEqual([decision, reason, address], ['refused', 'no_credential', '192.0.2.7']);
});

test('a question that is none is answered 400', async (t) => {
  const url = await admin(t, { explain: true });
  for (const question of [
    {},
    [],
    { method: 'GET' },
    { method: 'GET', path: '/a\r\nb' },
    { method: 'GET', path: '/', headers: { a: 'b\r\nc: d' } },
    { method: 'GET', path: '/', more: 1 },
  ]) {
    assert.equal((await ask(url, question)).status, 400, JSON.stringify(question));
  }
});
