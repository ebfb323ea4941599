import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../../await-until.ts';
import { startContainer } from '../../container-process.ts';
import { type PacedLoad, startPacedLoad } from './paced-load.ts';

async function listen(t: TestContext, handler: RequestListener): Promise<number> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function start(t: TestContext, section: string) {
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  shutdown: {delay: 0ms}
${section}`,
  );
  t.after(() => container.stop('SIGKILL'));
  return {
    url: `http://${container.addresses['http']}`,
    stop: container.stop,
    async metric(name: string) {
      const page = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
      return Number(
        page
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      );
    },
  };
}

/** What a few seconds of load were answered, by kind: `200` alone, or `200 503`. */
async function during(load: PacedLoad, ms: number): Promise<Readonly<Record<string, string>>> {
  load.take();
  await pause(ms);
  const rows = [...load.take()].map(([name, row]) => [name, [...row.keys()].toSorted().join(' ')]);
  return Object.fromEntries(rows);
}

test('an introspection endpoint that is slow keeps those who ask it waiting in bounds, and nobody else', {
  timeout: 120_000,
}, async (t) => {
  let slow = false;
  let asked = 0;
  const issuer = await listen(t, (_request, response) => {
    asked++;
    setTimeout(() => response.end('{"active": true, "sub": "joe"}'), slow ? 20_000 : 5).unref();
  });
  const app = await listen(t, (_request, response) => response.end('x'));
  const secret = join(mkdtempSync(join(tmpdir(), 'podmates-slow-')), 'secret');
  writeFileSync(secret, 's');
  const it = await start(
    t,
    `  upstream: http://127.0.0.1:${app}
  auth:
    asked: {type: introspection, url: "http://127.0.0.1:${issuer}/", clientId: a,
            clientSecret: {file: ${secret}}, timeout: 1500ms, cache: {ttl: 1m}}
  routes: [{path: /public, public: true}, {path: /**}]
`,
  );
  const known = Array.from({ length: 50 }, () => `Bearer ${randomUUID()}`);
  for (const authorization of known) {
    assert.equal((await fetch(`${it.url}/orders`, { headers: { authorization } })).status, 200);
  }
  let turn = 0;
  const load = startPacedLoad(`${it.url}/orders`, 250, [
    { name: 'known', share: 80, headers: () => ({ authorization: known[turn++ % 50] ?? '' }) },
    { name: 'new', share: 20, headers: () => ({ authorization: `Bearer ${randomUUID()}` }) },
  ]);
  const others = startPacedLoad(`${it.url}/public`, 100, [
    { name: 'public', share: 1, headers: () => ({}) },
  ]);
  t.after(() => Promise.all([load.stop(), others.stop()]));
  await pause(1500);
  assert.deepEqual(await during(load, 2000), { known: '200', new: '200' });
  slow = true;
  await pause(2000); // what was asked before is answered
  others.take();
  const before = asked;
  const begun = performance.now();
  const one = await fetch(`${it.url}/orders`, { headers: { authorization: 'Bearer mine' } });
  const waited = performance.now() - begun;
  assert.equal(one.status, 503);
  assert.ok(waited < 4000, `${waited} ms`);
  assert.deepEqual(await during(load, 10_000), { known: '200', new: '503' });
  assert.deepEqual(
    [...(others.take().get('public') ?? [])].map(([status]) => status),
    [200],
  );
  t.diagnostic(`an undecided one waited ${waited.toFixed(0)} ms; asked ${asked - before} times`);
  assert.ok((await it.metric('podmates_ambassador_requests_in_flight')) < 300);
  slow = false;
  await awaitUntil(() => load.take().get('new')?.has(200) === true, { what: 'it is asked again' });
  await pause(2000);
  assert.deepEqual(await during(load, 2000), { known: '200', new: '200' });
  await Promise.all([load.stop(), others.stop()]);
  assert.equal(await it.stop(), 0);
});

/** An app in a process of its own, which sends long answers slowly. */
async function forkApp(t: TestContext, port: number) {
  const file = join(mkdtempSync(join(tmpdir(), 'podmates-killed-')), 'app.mjs');
  writeFileSync(
    file,
    `import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/short') return void response.end('whole');
  response.setHeader('x-framing', request.url);
  if (request.url === '/length') response.setHeader('content-length', 1e9);
  const more = setInterval(() => response.write('x'.repeat(1000)), 10);
  response.on('close', () => clearInterval(more));
}).listen(${port}, '127.0.0.1', function () { process.send(this.address().port) });
`,
  );
  const child = fork(file);
  t.after(() => child.kill('SIGKILL'));
  const [bound] = await once(child, 'message');
  return { child, port: Number(bound) };
}

test('an app that is killed in the middle of 60 answers: each caller sees that something is missing', async (t) => {
  const app = await forkApp(t, 0);
  const it = await start(
    t,
    `  upstream: {url: "http://127.0.0.1:${app.port}"}
  routes: [{path: /**, public: true}]
`,
  );
  let underWay = 0;
  const ends = Array.from({ length: 60 }, (_, i) => {
    return new Promise<string>((resolve) => {
      const request = get(`${it.url}/${i % 2 === 0 ? 'length' : 'chunked'}`, { agent: false });
      request.on('error', (error) => resolve(`no answer: ${error.message}`));
      request.on('response', (response) => {
        response.once('data', () => underWay++);
        response.on('end', () => resolve('a clean end'));
        response.on('error', () => resolve('broken off'));
        response.resume();
      });
    });
  });
  await awaitUntil(() => underWay === 60, { what: 'all answers have begun' });
  const killed = performance.now();
  app.child.kill('SIGKILL');
  const seen = await Promise.all(ends);
  t.diagnostic(`known to all after ${(performance.now() - killed).toFixed(0)} ms`);
  assert.ok(performance.now() - killed < 2000);
  assert.deepEqual([...new Set(seen)], ['broken off']);
  const failures = 'podmates_ambassador_upstream_failures_total{reason="reset"}';
  assert.equal(await it.metric(failures), 60);
  assert.equal(await it.metric('podmates_ambassador_requests_in_flight'), 0);
  assert.equal((await fetch(`${it.url}/short`)).status, 502);
  await forkApp(t, app.port);
  assert.equal(await (await fetch(`${it.url}/short`)).text(), 'whole');
  assert.equal(await it.stop(), 0);
});

test('an app that never answers takes its own callers only, and those in bounds', {
  timeout: 60_000,
}, async (t) => {
  const silent = await listen(t, () => {});
  const app = await listen(t, (_request, response) => response.end('x'));
  const it = await start(
    t,
    `  upstream: http://127.0.0.1:${app}
  upstreams:
    silent: {url: "http://127.0.0.1:${silent}", connections: 50, timeouts: {connect: 500ms, firstByte: 1s}}
  routes: [{path: /silent, public: true, upstream: silent}, {path: /**, public: true}]
`,
  );
  const load = startPacedLoad(`${it.url}/silent`, 200, [
    { name: 'silent', share: 1, headers: () => ({}) },
  ]);
  const others = startPacedLoad(`${it.url}/`, 200, [
    { name: 'others', share: 1, headers: () => ({}) },
  ]);
  t.after(() => Promise.all([load.stop(), others.stop()]));
  await pause(2500);
  others.take();
  // 504 for those who got a connection, 503 for those who waited for one in vain.
  assert.deepEqual(await during(load, 5000), { silent: '503 504' });
  assert.deepEqual(
    [...(others.take().get('others') ?? [])].map(([status]) => status),
    [200],
  );
  await Promise.all([load.stop(), others.stop()]);
  assert.equal(await it.metric('podmates_ambassador_requests_in_flight'), 0);
  assert.equal(await it.stop(), 0);
});
