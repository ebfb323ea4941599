import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { hashKey } from '../../sidecars/ambassador/index.ts';
import { json, type Service, service } from '../ambassador/authenticate/service.ts';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';

/** How often the ambassador looks again, and how long it remembers an answer, in milliseconds. */
const recheck = 300;
const remembered = 200;
/** For the looking itself, and for a machine that is busy. */
const grace = 3000;

interface Setting {
  readonly asked: Service;
  /** Replaces the key file by one with the keys of these callers. */
  writeKeys(...callers: readonly string[]): void;
  open(headers: Readonly<Record<string, string>>, path?: string): Promise<WebSocket>;
  closed(reason: string): Promise<number>;
  stop(): Promise<number | null>;
}

async function set(t: TestContext): Promise<Setting> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const app = new WebSocketServer({ server: http });
  app.on('connection', (socket) => socket.on('message', (text) => socket.send(`echo ${text}`)));
  const directory = mkdtempSync(join(tmpdir(), 'podmates-websocket-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, `.${name}`), text);
    renameSync(join(directory, `.${name}`), join(directory, name)); // as the kubelet: all or nothing
    return join(directory, name);
  };
  const writeKeys = (...callers: readonly string[]) =>
    file(
      'keys',
      callers.map((name) => `- {name: ${name}, hash: "${hashKey(`key-of-${name}`)}"}\n`).join(''),
    );
  const asked = await service(t, json({ active: true, sub: 'joe' }));
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  shutdown: {delay: 0ms, deadline: 5s}
  upstream: http://127.0.0.1:${(http.address() as AddressInfo).port}
  auth:
    keys: {type: apiKey, file: ${writeKeys('ann', 'bob')}}
    asked: {type: introspection, url: "${asked.url}", clientId: amb, allowHttp: true,
            clientSecret: {file: ${file('secret', 's')}}, timeout: 500ms, cache: {ttl: ${remembered}ms}}
  routes:
    - {path: /chat, websocket: {recheck: ${recheck}ms}}
    - {path: /lasting, websocket: {recheck: ${recheck}ms, closeOnExpiry: false}}
`,
  );
  t.after(async () => {
    await container.stop('SIGKILL');
    app.close();
    http.closeAllConnections();
    http.close();
  });
  return {
    asked,
    writeKeys,
    async open(headers, path = '/chat') {
      const socket = new WebSocket(`ws://${container.addresses['http']}${path}`, { headers });
      await once(socket, 'open');
      return socket;
    },
    async closed(reason) {
      const page = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
      const name = 'podmates_ambassador_websockets_closed_total';
      return Number(new RegExp(`^${name}{reason="${reason}"} (\\d+)$`, 'm').exec(page)?.[1]);
    },
    stop: container.stop,
  };
}

/** How a socket was closed from the other side, and after how many milliseconds. */
async function closing(socket: WebSocket): Promise<{ readonly code: number; readonly ms: number }> {
  const begun = performance.now();
  const [code] = await once(socket, 'close');
  return { code, ms: performance.now() - begun };
}

async function speaks(socket: WebSocket): Promise<boolean> {
  socket.send('hi');
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  const [text] = await once(socket, 'message', { signal: closed.signal });
  return String(text) === 'echo hi';
}

test('a key that is taken out of the file closes its WebSocket inside the bound, and no other', async (t) => {
  const { writeKeys, open, closed, stop } = await set(t);
  const ann = await open({ 'x-api-key': 'key-of-ann' });
  const bob = await open({ 'x-api-key': 'key-of-bob' });
  assert.ok(await speaks(ann));
  writeKeys('bob');
  const { code, ms } = await closing(ann);
  assert.equal(code, 1008);
  assert.ok(ms < recheck + grace, `${ms} ms`);
  assert.equal(await closed('revoked'), 1);
  assert.ok(await speaks(bob), 'bob still has his key');
  await assert.rejects(open({ 'x-api-key': 'key-of-ann' }), /401/);
  const gone = closing(bob);
  assert.equal(await stop(), 0);
  assert.equal((await gone).code, 1001);
});

test('a token that turns inactive closes its WebSocket; an issuer that cannot say leaves it open', async (t) => {
  const { asked, open, closed } = await set(t);
  const socket = await open({ authorization: 'Bearer token' });
  for (const answer of [json({}, 500), json({ active: 'perhaps' })]) {
    asked.respond(answer);
    const before = asked.requests.length;
    await awaitUntil(() => asked.requests.length >= before + 2, { what: 'two looks' });
    assert.ok(await speaks(socket));
  }
  asked.respond(json({ active: false }));
  const { code, ms } = await closing(socket);
  assert.equal(code, 1008);
  assert.ok(ms < recheck + remembered + grace, `${ms} ms`);
  assert.equal(await closed('revoked'), 1);
  assert.equal(await closed('expired'), 0);
});

test('looks that take longer than their interval do not pile up, and end a WebSocket once', async (t) => {
  const { asked, open, closed } = await set(t);
  const socket = await open({ authorization: 'Bearer token' });
  const held: (() => void)[] = [];
  asked.respond((request, response) => {
    held.push(() => json({ active: false })(request, response));
  });
  // Longer than an interval, shorter than the timeout of a look.
  await awaitUntil(() => held.length > 0, { what: 'a look' });
  setTimeout(() => {
    for (const answer of held) answer();
  }, recheck + 100);
  assert.equal((await closing(socket)).code, 1008);
  assert.equal(await closed('revoked'), 1);
  assert.equal(held.length, 1);
});

test('a token that ends closes its WebSocket at its end, unless closeOnExpiry is off', async (t) => {
  const { asked, open, closed } = await set(t);
  const soon = Math.floor(Date.now() / 1000) + 2;
  asked.respond(json({ active: true, sub: 'joe', exp: soon }));
  const headers = { authorization: 'Bearer token' };
  const [socket, lasting] = await Promise.all([open(headers), open(headers, '/lasting')]);
  assert.equal((await closing(socket)).code, 1008);
  const before = asked.requests.length;
  await awaitUntil(() => asked.requests.length > before, { what: 'a look at the other one' });
  assert.ok(await speaks(lasting));
  assert.equal(await closed('expired'), 1);
  assert.equal(await closed('revoked'), 0);
});
