import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  ambassadorSchema,
  createAmbassador,
  defineAuthenticator,
  defineAuthorizer,
} from '../../sidecars/ambassador/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';

type Section = Readonly<Record<string, unknown>>;

const badge = defineAuthenticator({
  challenge: 'Badge',
  credentialHeaders: ['x-badge'],
  authenticate({ header }) {
    const name = header('x-badge');
    return name === undefined ? undefined : { subject: name };
  },
});

const ownPages = defineAuthorizer({
  async authorize({ identity, path, header }, { options }, signal) {
    if (header('X-Slow') !== undefined) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }
    if (header('x-throw') !== undefined) throw new Error('as you wished');
    const root = String(Reflect.get(Object(options), 'root'));
    return path.startsWith(`${root}/${identity?.subject}/`);
  },
});

/** An ambassador in this very program, as somebody's own would have it. */
async function start(context: TestContext, section: Section) {
  const app = createServer(({ headers }, response) => {
    response.end(`${headers['x-user'] ?? headers['forwarded']}`);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  const parse = (more: Section) =>
    ambassadorSchema.parse({
      listen: '127.0.0.1:0',
      admin: false,
      upstream: `http://127.0.0.1:${port}`,
      shutdown: { delay: '0ms' },
      ...more,
    });
  const ambassador = createAmbassador(parse(section), {
    logger: await createLogger({ name: 'test', level: 'silent', format: 'json' }),
    metrics: createMetrics('ambassador'),
    authenticators: { badge },
    authorizers: { ownPages },
  });
  await ambassador.start();
  context.after(async () => {
    await ambassador.stop();
    app.closeAllConnections();
    app.close();
  });
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`http://${ambassador.addresses()['http']}${path}`, { headers });
    return `${answer.status} ${answer.status === 200 ? await answer.text() : ''}`.trim();
  };
  return { ambassador, parse, ask };
}

const own = {
  auth: { badges: { type: 'custom', use: 'badge' } },
  authorizers: { pages: { use: 'ownPages', options: { root: '/users' }, timeout: '50ms' } },
  routes: [{ path: '/users/**', require: { authorizer: 'pages' } }],
};

test('an authorizer of a program decides last; what it cannot decide is denied', async (context) => {
  const { ask } = await start(context, own);
  assert.equal(await ask('/users/joe/a', { 'x-badge': 'joe' }), '200 joe');
  assert.equal(await ask('/users/ann/a', { 'x-badge': 'joe' }), '403');
  assert.equal(await ask('/users/joe/a'), '401');
  assert.equal(await ask('/users/joe/a', { 'x-badge': 'joe', 'x-throw': '1' }), '503');
  assert.equal(await ask('/users/joe/a', { 'x-badge': 'joe', 'x-slow': '1' }), '503');
});

test('an authorizer from a file', async (context) => {
  const file = join(mkdtempSync(join(tmpdir(), 'podmates-')), 'office-hours.ts');
  writeFileSync(
    file,
    `import { defineAuthorizer, type Petition } from 'podmates/ambassador';
export default defineAuthorizer({ authorize: ({ method }: Petition) => method === 'GET' });`,
  );
  const { ask, ambassador, parse } = await start(context, {
    authorizers: { hours: { module: file } },
    routes: [{ path: '/**', public: true, require: { authorizer: 'hours' } }],
  });
  assert.match(await ask('/'), /^200 /);
  const broken = { authorizers: { hours: { module: `${file}.gone` } } };
  await assert.rejects(ambassador.reload(parse(broken)), /cannot load the module/);
  assert.match(await ask('/'), /^200 /, 'the old config stays in force');
});

test('a reload swaps the policy whole, and refuses what takes a restart', async (context) => {
  const { ask, ambassador, parse } = await start(context, {
    routes: [{ path: '/a', public: true }],
  });
  assert.match(await ask('/a'), /^200 /);
  assert.equal(await ask('/b'), '403');
  await ambassador.reload(parse({ routes: [{ path: '/b', public: true }] }));
  assert.equal(await ask('/a'), '403');
  assert.match(await ask('/b'), /^200 /);
  await assert.rejects(ambassador.reload(parse({ listen: '127.0.0.1:1' })), /only with a restart/);
  assert.match(await ask('/b'), /^200 /);
});

test('limits of a route: 429 with the time to wait, 413, and what is left in answers', async (context) => {
  const { ambassador } = await start(context, {
    routes: [{ path: '/**', public: true, limits: { rate: '2/m', burst: 2, body: '10B' } }],
  });
  const url = `http://${ambassador.addresses()['http']}/`;
  const first = await fetch(url);
  assert.equal(first.headers.get('ratelimit'), '"default";r=1;t=30');
  assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(11) })).status, 413);
  await fetch(url);
  const refused = await fetch(url);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
});

test('a trusted proxy in front is believed about its caller, another one is not', async (context) => {
  const said = {
    'x-forwarded-for': '10.9.9.9, 192.0.2.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
  };
  const routes = [{ path: '/**', public: true }];
  const trusting = await start(context, {
    routes,
    trustedProxies: ['127.0.0.0/8', '192.0.2.0/24'],
  });
  const believed = 'for=10.9.9.9, for=127.0.0.1;proto=https;host="shop.example"';
  assert.equal(await trusting.ask('/', said), `200 ${believed}`);
  const wary = await start(context, { routes });
  const host = wary.ambassador.addresses()['http'];
  assert.equal(await wary.ask('/', said), `200 for=127.0.0.1;proto=http;host="${host}"`);
});

test('an IPv4 caller of a dual-stack socket is named by its IPv4 address', async (context) => {
  const routes = [{ path: '/', public: true, require: { cidr: ['127.0.0.0/8'] } }];
  const { ambassador } = await start(context, { listen: ':0', routes });
  const port = ambassador.addresses()['http']?.split(':').at(-1);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  assert.match(await answer.text(), /^for=127\.0\.0\.1;/);
});
