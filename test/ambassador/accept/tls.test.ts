import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { ambassadorSchema, createAmbassador } from '../../../sidecars/ambassador/index.ts';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';
import { awaitUntil } from '../../await-until.ts';
import { testFile } from '../authenticate/file.ts';

const path = (name: string) => join(import.meta.dirname, '../authenticate/certificates', name);
const pem = (name: string) => readFileSync(path(name), 'utf8');
const ca = pem('root.crt');

interface Front {
  readonly port: number;
  /** What the app was told: `x-user` of each request that reached it. */
  readonly seen: readonly (string | undefined)[];
  /** Replaces the certificate and its key, one after the other. */
  renew(name: string): void;
  replaceKey(name: string): void;
  metric(name: string): Promise<number>;
}

async function front(t: TestContext, auth: Readonly<Record<string, unknown>> = {}): Promise<Front> {
  const seen: (string | undefined)[] = [];
  const app = createServer(({ headers }, response) => {
    seen.push(headers['x-user']?.toString());
    response.end('hello');
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => app.close());
  const [cert, key] = [testFile(t, pem('localhost.crt')), testFile(t, pem('localhost.key'))];
  const config = ambassadorSchema.parse({
    listen: '127.0.0.1:0',
    admin: false,
    tls: { cert: cert.path, key: key.path },
    upstream: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
    shutdown: { delay: '0s', deadline: '1s' },
    accessLog: 'none',
    auth,
    routes: [
      { path: '/public', public: true },
      ...(auth['mesh'] === undefined ? [] : [{ path: '/mesh', auth: ['mesh'] }]),
    ],
  });
  const metrics = createMetrics('ambassador');
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const ambassador = createAmbassador(config, { logger, metrics });
  await ambassador.start();
  t.after(() => ambassador.stop());
  return {
    port: Number(ambassador.addresses()['http']?.split(':').at(-1)),
    seen,
    replaceKey: (name) => key.replace(pem(`${name}.key`)),
    renew(name) {
      cert.replace(pem(`${name}.crt`));
      key.replace(pem(`${name}.key`));
    },
    async metric(name) {
      const line = (await metrics.render()).split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.split(' ').at(-1));
    },
  };
}

/** Asks with or without a client certificate. @returns the status */
async function ask({ port }: Front, at: string, name?: string, chain = ''): Promise<number> {
  const shown = name && { cert: pem(`${name}.crt`) + chain, key: pem(`${name}.key`) };
  const host = 'localhost';
  const sent = request({ host, port, path: at, ca, agent: false, ...shown });
  sent.end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

async function handshake({ port }: Front, more: object = {}): Promise<TLSSocket> {
  const socket = connect({ host: 'localhost', servername: 'localhost', port, ca, ...more });
  await once(socket, 'secureConnect');
  return socket;
}

const mesh = { mesh: { type: 'mtls', ca: path('root.crt'), spiffe: ['spiffe://prod/**'] } };

test('callers get in over TLS 1.2 and 1.3, and over nothing older', async (t) => {
  const it = await front(t);
  assert.equal(await ask(it, '/public'), 200);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await handshake(it, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  await assert.rejects(handshake(it, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
});

test('a client certificate proves the caller, straight or through an intermediate', async (t) => {
  const it = await front(t, { mesh: { ...mesh.mesh, dns: ['*.orders.svc'] } });
  assert.equal(await ask(it, '/mesh', 'web'), 200);
  assert.equal(await ask(it, '/mesh', 'worker', pem('intermediate.crt')), 200);
  assert.deepEqual(it.seen, ['spiffe://prod/ns/shop/sa/web', 'worker.orders.svc']);
});

test('no certificate, another authority, or no way up to ours: refused, and the app untouched', async (t) => {
  const it = await front(t, mesh);
  assert.equal(await ask(it, '/mesh'), 403);
  assert.equal(await ask(it, '/mesh', 'impostor'), 403);
  assert.equal(await ask(it, '/mesh', 'impostor', pem('impostor-root.crt')), 403);
  assert.equal(await ask(it, '/mesh', 'worker'), 403);
  assert.deepEqual(it.seen, []);
  assert.equal(await ask(it, '/public', 'impostor'), 200);
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a session is resumed only where no certificate is asked for, ${version}`, async (t) => {
    const asking = await front(t, { mesh: { ...mesh.mesh, dns: ['*.orders.svc'] } });
    const open = await front(t);
    const shown = { cert: pem('worker.crt') + pem('intermediate.crt'), key: pem('worker.key') };
    const get = async (port: number, at: string, session?: Buffer) => {
      const versions = { minVersion: version, maxVersion: version };
      const socket = connect({ host: 'localhost', port, ca, ...versions, ...shown, session });
      const came: { session?: Buffer; reused?: boolean; answer: string } = { answer: '' };
      socket.on('secureConnect', () => {
        came.reused = socket.isSessionReused();
      });
      socket.on('session', (ticket: Buffer) => {
        came.session = ticket;
      });
      socket.on('data', (chunk) => {
        came.answer += chunk;
      });
      socket.write(`GET ${at} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      await once(socket, 'close');
      return came;
    };
    for (const [{ port }, at, reused] of [
      [asking, '/mesh', false], // it would bring the leaf, and no intermediate that leads up
      [open, '/public', true],
    ] as const) {
      const first = await get(port, at);
      const second = await get(port, at, first.session);
      assert.equal(second.reused, reused, at);
      assert.match(second.answer, /^HTTP\/1\.1 200 /);
    }
    assert.deepEqual(asking.seen, Array(2).fill('worker.orders.svc'));
  });
}

test('a client certificate proves the caller over HTTP/2 as well', async (t) => {
  const it = await front(t, mesh);
  const get = async (name: string | undefined) => {
    const shown = name && { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
    const session = connectHttp2(`https://localhost:${it.port}`, { ca, ...shown });
    t.after(() => session.close());
    const stream = session.request({ ':path': '/mesh' });
    const [headers] = await once(stream, 'response');
    stream.resume();
    return headers[':status'];
  };
  assert.equal(await get('web'), 200);
  assert.equal(await get('impostor'), 403);
  assert.equal(await get(undefined), 403);
  assert.deepEqual(it.seen, ['spiffe://prod/ns/shop/sa/web']);
});

test('a renewed certificate is shown to new connections; open ones go on', async (t) => {
  const it = await front(t);
  const serial = async () => {
    const socket = await handshake(it);
    const { serialNumber }: PeerCertificate = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const before = await serial();
  const open = await handshake(it);
  it.renew('renewed');
  await awaitUntil(async () => (await serial()) !== before, { what: 'the renewed certificate' });
  open.write('GET /public HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(String((await once(open, 'data'))[0]), /^HTTP\/1\.1 200 /);
  const end = 'podmates_ambassador_tls_certificate_not_after_timestamp_seconds';
  assert.ok((await it.metric(end)) > Date.now() / 1000);
});

test("a key that is not the certificate's changes nothing in a running listener", async (t) => {
  const it = await front(t);
  it.replaceKey('renewed');
  const failed = 'podmates_ambassador_tls_reloads_total{result="error"}';
  await awaitUntil(async () => (await it.metric(failed)) === 1, { what: 'the refusal' });
  assert.equal(await ask(it, '/public'), 200);
});

test('and it stops the start', async () => {
  const config = ambassadorSchema.parse({
    listen: '127.0.0.1:0',
    admin: false,
    tls: { cert: path('localhost.crt'), key: path('renewed.key') },
    upstream: 'http://127.0.0.1:9',
  });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  assert.throws(
    () => createAmbassador(config, { logger, metrics: createMetrics('ambassador') }),
    /ambassador\.tls: cannot use .*values mismatch/,
  );
});

test('a connection without a handshake, or with one of another protocol, is counted', async (t) => {
  const it = await front(t);
  const socket = connectTcp(it.port, 'localhost');
  socket.write('GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'close');
  assert.equal(await it.metric('podmates_ambassador_tls_failures_total'), 1);
});

test('client certificates without TLS are an error of the config', () => {
  const result = ambassadorSchema.safeParse({ upstream: 'http://127.0.0.1:9', auth: mesh });
  assert.match(String(result.error), /certificates are shown in TLS; add tls:/);
});
