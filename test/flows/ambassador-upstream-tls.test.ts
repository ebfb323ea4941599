import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';

const path = (name: string) =>
  join(import.meta.dirname, '../ambassador/authenticate/certificates', name);
const pem = (name: string) => readFileSync(path(name));

/** An app with a certificate for localhost, which says whose certificate its caller showed. */
async function startApp(t: TestContext) {
  const options = { cert: pem('localhost.crt'), key: pem('localhost.key'), ca: pem('root.crt') };
  const app = createServer(
    { ...options, requestCert: true, rejectUnauthorized: false },
    ({ socket }, response) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      response.end(`hello ${subject?.CN ?? 'nobody'}`);
    },
  );
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => {
    app.closeAllConnections();
    app.close();
  });
  return (app.address() as AddressInfo).port;
}

async function startAmbassador(t: TestContext, url: string, tls: string) {
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  shutdown: {delay: 0ms, deadline: 5s}
  upstream: {url: "${url}", tls: ${tls}, keepAlive: 1ms}
  routes: [{path: /**, public: true}]
`,
  );
  t.after(() => container.stop('SIGKILL'));
  return {
    stop: container.stop,
    async get() {
      const answer = await fetch(`http://${container.addresses['http']}/`);
      return { status: answer.status, body: await answer.text() };
    },
    async failures(reason: string) {
      const page = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
      const name = 'podmates_ambassador_upstream_failures_total';
      return Number(new RegExp(`^${name}{reason="${reason}"} (\\d+)$`, 'm').exec(page)?.[1]);
    },
    said: () => container.diagnostics.map((line) => `${line['msg']} ${line['detail']}`).join('\n'),
  };
}

test('an app behind TLS: an authority of its own, a name of its own, and a certificate of ours', async (t) => {
  const port = await startApp(t);
  const ca = path('root.crt');
  const plain = await startAmbassador(t, `https://localhost:${port}`, `{ca: ${ca}}`);
  assert.deepEqual(await plain.get(), { status: 200, body: 'hello nobody' });
  const own = `{ca: ${ca}, serverName: localhost, cert: ${path('web.crt')}, key: ${path('web.key')}}`;
  const named = await startAmbassador(t, `https://127.0.0.2:${port}`, own);
  assert.equal((await named.get()).status, 502, 'nobody listens there');
  const shown = await startAmbassador(t, `https://127.0.0.1:${port}`, own);
  assert.deepEqual(await shown.get(), { status: 200, body: 'hello web' });
  assert.equal(await shown.stop(), 0);
});

test('an app that cannot prove who it is gets no request, and is counted', async (t) => {
  const port = await startApp(t);
  const ca = path('root.crt');
  for (const [tls, why] of [
    ['{}', /self-signed certificate|unable to .* certificate/],
    [`{ca: ${path('impostor-root.crt')}}`, /certificate/],
    [`{ca: ${ca}, serverName: orders.internal}`, /orders\.internal/],
  ] as const) {
    const it = await startAmbassador(t, `https://localhost:${port}`, tls);
    assert.equal((await it.get()).status, 502, tls);
    assert.equal(await it.failures('connect'), 1, tls);
    await awaitUntil(() => why.test(it.said()), { what: `the log to say why (${tls})` });
  }
});

test('files that cannot be used stop the start; later, what was read before stays', async (t) => {
  const port = await startApp(t);
  const file = join(mkdtempSync(join(tmpdir(), 'podmates-upstream-')), 'ca.crt');
  const start = () => startAmbassador(t, `https://127.0.0.1:${port}`, `{ca: ${file}}`);
  await assert.rejects(start, /ambassador\.upstream\.tls: cannot use .*ca\.crt.*ENOENT/);
  writeFileSync(file, 'no certificate');
  await assert.rejects(start, /ambassador\.upstream\.tls: cannot use .*holds no PEM certificate/);
  cpSync(path('root.crt'), file);
  const it = await start();
  const served = async (words: RegExp) => {
    await awaitUntil(
      async () => {
        assert.equal((await it.get()).status, 200);
        return words.test(it.said());
      },
      { what: String(words) },
    );
  };
  writeFileSync(file, 'no certificate');
  await served(/keeping what was read before: .*no PEM/);
  rmSync(file);
  await served(/keeping what was read before: .*ENOENT/);
  cpSync(path('impostor-root.crt'), file);
  await awaitUntil(async () => (await it.get()).status === 502, { what: 'another authority' });
  assert.ok((await it.failures('connect')) >= 1);
  assert.equal(await it.stop(), 0);
});
