import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';
import { type Browser, createBrowser, type Page } from './sign-in/browser.ts';
import { clientSecret, startProvider } from './sign-in/provider.ts';

const shop = 'https://shop.example.com';
const sessionCookie = '__Host-podmates-web';
const key = 'd2hhdCBhIGJyb3dzZXIga2VlcHMgZm9yIHVz';

interface Scene {
  readonly issuer: string;
  /** What reached the app. */
  readonly seen: readonly IncomingMessage[];
  browser(): Browser;
  /** Waits until the log has a line with this in it; gives the whole log. */
  logged(text: string): Promise<string>;
}

async function setUp(context: TestContext, more = '', terse = false): Promise<Scene> {
  const { issuer } = await startProvider(context, {
    redirectUrl: `${shop}/oauth2/callback`,
    terse,
  });
  const seen: IncomingMessage[] = [];
  const app = createServer((request, response) => {
    seen.push(request);
    response.end(`the shop at ${request.url}`);
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => app.close());
  const folder = mkdtempSync(join(tmpdir(), 'podmates-sign-in-'));
  writeFileSync(join(folder, 'client'), clientSecret);
  writeFileSync(join(folder, 'key'), key);
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  auth:
    web:
      type: oidc
      issuer: ${issuer}
      clientId: shop
      clientSecret: {file: ${join(folder, 'client')}}
      redirectUrl: ${shop}/oauth2/callback
      session: {key: {file: ${join(folder, 'key')}}}
${more}
  routes:
    - {path: /health, public: true}
    - {path: /orders/**, auth: [web]}
    - {path: /edit/**, auth: [web], require: {groups: [editors]}}
  identity: {headers: {X-User: subject, X-Groups: groups, X-Email: email}}
  shutdown: {delay: 0ms, deadline: 5s}
`,
  );
  context.after(() => container.stop('SIGKILL'));
  const port = Number(container.addresses['http']?.split(':').at(-1));
  const logged = async (text: string) => {
    const log = () => container.diagnostics.map((line) => JSON.stringify(line)).join('\n');
    await awaitUntil(() => log().includes(text), { what: `${text} in the log` });
    return log();
  };
  return { issuer, seen, browser: () => createBrowser({ [shop]: port }), logged };
}

async function signIn(browser: Browser, login: string, url = `${shop}/orders/7`): Promise<Page> {
  const form = await browser.open(url);
  assert.match(form.body, /name="login"/, 'the issuer asks who it is');
  const consent = await browser.submit(form, { prompt: 'login', login, password: 'any' });
  return browser.submit(consent, { prompt: 'consent' });
}

test('a person who opens a page signs in at the issuer and gets that page', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  const page = await signIn(browser, 'alice', `${shop}/orders/7?from=mail&page=2`);
  assert.deepEqual([page.status, page.body], [200, 'the shop at /orders/7?from=mail&page=2']);
  assert.equal(page.url.href, `${shop}/orders/7?from=mail&page=2`);
  const [request] = scene.seen;
  assert.equal(scene.seen.length, 1, 'nothing reached the app before');
  assert.equal(request?.headers['x-user'], 'alice');
  assert.equal(request?.headers['x-groups'], 'editors');
  assert.equal(request?.headers['x-email'], 'alice@shop.example');
  assert.equal((await browser.open(`${shop}/edit/1`)).status, 200, 'the session goes on');
});

test('the session is for the ambassador alone; cookies of the app pass it', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  await signIn(browser, 'alice');
  const jar = browser.cookies.get(shop);
  const pairs = [...(jar ?? [])].map((pair) => pair.join('='));
  assert.deepEqual([...(jar?.keys() ?? [])].sort(), [sessionCookie, `${sessionCookie}-login`]);
  const cookie = ['theme=dark', ...pairs, 'cart=3'].join('; ');
  await browser.ask(`${shop}/orders/7`, { headers: { cookie } });
  assert.equal(scene.seen.at(-1)?.headers.cookie, 'theme=dark; cart=3');
  await browser.ask(`${shop}/health`);
  assert.equal(scene.seen.at(-1)?.headers.cookie, undefined, 'nor on a public route');
  assert.doesNotMatch(await scene.logged('"/health"'), /__Host|code=|state=/, 'and no log has it');
});

test('rules hold for people too, and scripts are told 401', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  await signIn(browser, 'bob');
  assert.equal((await browser.open(`${shop}/edit/1`)).status, 403);
  const stranger = scene.browser();
  const script = { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } };
  const answer = await stranger.ask(`${shop}/orders/7`, script);
  assert.equal(answer.status, 401);
  assert.match(String(answer.headers['www-authenticate']), /^Cookie realm="web"/);
  const post = await stranger.ask(`${shop}/orders/7`, { method: 'POST' });
  assert.equal(post.status, 401);
  assert.equal((await stranger.ask(`${shop}/nowhere`)).status, 403);
  assert.equal(scene.seen.filter(({ url }) => url !== '/orders/7').length, 0);
});

test('what another site makes a browser send changes nothing', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  await signIn(browser, 'alice');
  const before = scene.seen.length;
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await browser.ask(`${shop}/orders/7`, { method: 'POST', headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
  assert.equal(scene.seen.length, before);
  const headers = { origin: shop, 'sec-fetch-site': 'same-origin' };
  assert.equal((await browser.ask(`${shop}/orders/7`, { method: 'POST', headers })).status, 200);
});

test('a login is finished only where it was begun, and once', async (context) => {
  const scene = await setUp(context);
  const attacker = scene.browser();
  const form = await attacker.open(`${shop}/orders/7`);
  const consent = await attacker.submit(form, { prompt: 'login', login: 'bob', password: 'any' });
  const action = /<form[^>]* action="([^"]+)"/.exec(consent.body)?.[1] ?? '';
  let at = await attacker.ask(new URL(action, consent.url).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'prompt=consent',
  });
  while (!String(at.headers['location']).startsWith(shop)) {
    at = await attacker.ask(new URL(String(at.headers['location']), at.url).href);
  }
  const callback = String(at.headers['location']);
  const victim = scene.browser();
  const planted = await victim.open(callback);
  assert.equal(planted.status, 400, 'it is not the login of this browser');
  assert.equal(victim.cookies.get(shop)?.has(sessionCookie), false);
  await victim.open(`${shop}/orders/7`);
  assert.equal((await victim.open(callback)).status, 400, 'nor when it has begun one of its own');
  assert.equal((await attacker.open(callback)).status, 200);
  const again = await attacker.ask(callback);
  assert.equal(again.status, 401, 'a code is good once');
  assert.equal(victim.cookies.get(shop)?.has(sessionCookie), false);
});

test('an address that the issuer has not verified is nobody', async (context) => {
  const scene = await setUp(context);
  await signIn(scene.browser(), 'mallory');
  assert.equal(scene.seen.at(-1)?.headers['x-user'], 'mallory');
  assert.equal(scene.seen.at(-1)?.headers['x-email'], undefined);
  const byEmail = await setUp(context, '      subject: email');
  assert.equal((await signIn(byEmail.browser(), 'mallory')).status, 401);
  assert.equal((await signIn(byEmail.browser(), 'alice')).status, 200);
  assert.equal(byEmail.seen.at(-1)?.headers['x-user'], 'alice@shop.example');
});

test('several tabs sign in side by side', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  const first = await browser.open(`${shop}/orders/1`);
  await browser.ask(`${shop}/orders/2`, { headers: { accept: 'text/html' } });
  const consent = await browser.submit(first, { prompt: 'login', login: 'alice', password: 'x' });
  const page = await browser.submit(consent, { prompt: 'consent' });
  assert.equal(page.body, 'the shop at /orders/1');
});

test('nothing leads anywhere else than to the shop', async (context) => {
  const scene = await setUp(context);
  for (const path of ['//evil.example', '/orders/..//evil.example', '/orders/%5cevil.example']) {
    const answer = await scene
      .browser()
      .ask(`${shop}${path}`, { headers: { accept: 'text/html' } });
    assert.equal(answer.status, 400, path);
  }
  const long = `${shop}/orders/${'x'.repeat(4000)}?rd=//evil.example`;
  assert.equal((await signIn(scene.browser(), 'alice', long)).url.href, `${shop}/`);
  const rd = await signIn(scene.browser(), 'alice', `${shop}/orders/7?rd=https://evil.example/`);
  assert.equal(rd.url.href, `${shop}/orders/7?rd=https://evil.example/`);
});

test('a session that is made up, changed, doubled or sealed by another key is none', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  await signIn(browser, 'alice');
  const good = browser.cookies.get(shop)?.get(sessionCookie) ?? '';
  const login = browser.cookies.get(shop)?.get(`${sessionCookie}-login`) ?? '';
  const flipped = (good.startsWith('A') ? 'B' : 'A') + good.slice(1);
  const forged = Buffer.from(JSON.stringify({ claims: { sub: 'alice' }, end: 9e15 }));
  for (const value of [
    flipped,
    good.slice(0, -1),
    `${good}=`,
    login,
    '',
    forged.toString('base64url'),
    `${good}; ${sessionCookie}=${good}`,
    'x'.repeat(5000),
  ]) {
    const cookie = `${sessionCookie}=${value}`;
    const answer = await scene.browser().ask(`${shop}/orders/7`, { headers: { cookie } });
    assert.equal(answer.status, 401, value);
  }
  const cookie = `${sessionCookie}=${good}`;
  const headers = { cookie, accept: 'text/html' };
  assert.equal((await scene.browser().ask(`${shop}/orders/7`, { headers })).status, 200);
});

test('a state that is made up is answered 400, and the issuer is not asked', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  const begun = await browser.ask(`${shop}/orders/7`, { headers: { accept: 'text/html' } });
  const state = new URL(String(begun.headers['location'])).searchParams.get('state') ?? '';
  for (const query of [
    '',
    '?code=1',
    '?code=1&state=made-up',
    `?code=1&state=${state}&state=${state}`,
    `?code=1&state=${state}&iss=https%3A%2F%2Fevil.example`,
  ]) {
    const answer = await browser.ask(`${shop}/oauth2/callback${query}`);
    assert.equal(answer.status, 400, query);
  }
  const denied = await browser.ask(`${shop}/oauth2/callback?error=access_denied&state=${state}`);
  assert.equal(denied.status, 403);
  const wrong = await browser.ask(`${shop}/oauth2/callback?code=1&state=${state}`);
  assert.equal(wrong.status, 401);
  await scene.logged('"detail":"code: invalid_grant"');
  assert.equal((await browser.ask(`${shop}/oauth2/callback`, { method: 'POST' })).status, 405);
});

test('signing out ends the session here and leads to the issuer', async (context) => {
  const scene = await setUp(context);
  const browser = scene.browser();
  await signIn(browser, 'alice');
  const forced = await browser.ask(`${shop}/oauth2/sign-out`, {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(forced.status, 403);
  const out = await browser.ask(`${shop}/oauth2/sign-out`);
  assert.equal(out.status, 303);
  const end = new URL(String(out.headers['location']));
  assert.equal(end.origin, scene.issuer);
  assert.equal(end.searchParams.get('post_logout_redirect_uri'), `${shop}/`);
  assert.equal(browser.cookies.get(shop)?.has(sessionCookie), false);
  const confirm = await browser.open(end.href);
  assert.equal(confirm.status, 200, confirm.body);
});

test('what only the UserInfo endpoint says counts with userinfo: true', async (context) => {
  const scene = await setUp(context, '      userinfo: true', true);
  const browser = scene.browser();
  const page = await signIn(browser, 'alice', `${shop}/edit/1`);
  assert.equal(page.status, 200);
  assert.equal(scene.seen.at(-1)?.headers['x-email'], 'alice@shop.example');
});

test('a claim that the config asks for must be there', async (context) => {
  const more = '      claims: {email: alice@shop.example}';
  const scene = await setUp(context, more);
  const bob = await signIn(scene.browser(), 'bob');
  assert.equal(bob.status, 403);
  await scene.logged('"detail":"required_claim"');
  assert.equal((await signIn(scene.browser(), 'alice')).status, 200);
});
