import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';

const path = (name: string) =>
  join(import.meta.dirname, '../ambassador/authenticate/certificates', name);
const pem = (name: string) => readFileSync(path(name));

/** An app that speaks HTTP/2; `streams` is what has reached it. */
async function listen<S extends Server | Http2Server>(t: TestContext, app: S): Promise<number> {
  const sockets = new Set<Socket>();
  app.on('connection', (socket: Socket) => sockets.add(socket));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    app.close();
  });
  return (app.address() as AddressInfo).port;
}

async function front(t: TestContext, upstream: string) {
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  shutdown: {delay: 0ms, deadline: 5s}
  upstream: {protocol: http2, ${upstream}}
  routes: [{path: /**, public: true}]
`,
  );
  t.after(() => container.stop('SIGKILL'));
  return {
    get: (at = '/') => fetch(`http://${container.addresses['http']}${at}`),
    async failures(reason: string) {
      const page = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
      const name = 'podmates_ambassador_upstream_failures_total';
      return Number(new RegExp(`^${name}{reason="${reason}"} (\\d+)$`, 'm').exec(page)?.[1]);
    },
    said: () => container.diagnostics.map((line) => `${line['msg']} ${line['detail']}`).join('\n'),
    stop: container.stop,
  };
}

const answer = (stream: ServerHttp2Stream) => {
  stream.respond({ ':status': 200 });
  stream.end('ok');
};

test('an HTTP/2 app behind TLS must prove who it is, or it gets no request', async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const app = createSecureServer({ cert: pem('localhost.crt'), key: pem('localhost.key') });
  app.on('stream', (stream: ServerHttp2Stream) => {
    streams.push(stream);
    answer(stream);
  });
  app.on('sessionError', () => {});
  const port = await listen(t, app);
  const url = `url: "https://localhost:${port}"`;
  const ca = path('root.crt');
  for (const [tls, why] of [
    ['{}', /self-signed certificate|unable to .* certificate/],
    [`{ca: ${path('impostor-root.crt')}}`, /certificate/],
    [`{ca: ${ca}, serverName: orders.internal}`, /orders\.internal/],
  ] as const) {
    const it = await front(t, `${url}, tls: ${tls}`);
    assert.equal((await it.get()).status, 502, tls);
    assert.equal(await it.failures('connect'), 1, tls);
    await awaitUntil(() => why.test(it.said()), { what: `the log to say why (${tls})` });
  }
  assert.deepEqual(streams, []);
  const trusted = await front(t, `${url}, tls: {ca: ${ca}}`);
  assert.equal(await (await trusted.get()).text(), 'ok');
  assert.equal(await trusted.stop(), 0);
});

test('an app that takes connections and says nothing, or is not there, is told by 504 and 502', async (t) => {
  const port = await listen(t, createTcpServer());
  const silent = await front(t, `url: "https://127.0.0.1:${port}", timeouts: {connect: 200ms}`);
  const begun = performance.now();
  assert.equal((await silent.get()).status, 504);
  assert.ok(performance.now() - begun < 3000, 'not after the timeout of the first byte');
  assert.equal(await silent.failures('connect_timeout'), 1);
  const nobody = await front(t, 'url: "http://127.0.0.1:1"');
  assert.equal((await nobody.get()).status, 502);
  assert.equal(await nobody.failures('connect'), 1);
});

test('an HTTP/2 answer is bounded: to its first byte, without a byte, and as a whole', async (t) => {
  const app = createServer();
  app.on('stream', (stream: ServerHttp2Stream, { ':path': at }: { ':path'?: string }) => {
    stream.on('error', () => {});
    if (at === '/never') return;
    stream.respond({ ':status': 200 });
    stream.write('begun');
    if (at !== '/drips') return;
    const drip = setInterval(() => stream.write('.'), 20);
    stream.on('close', () => clearInterval(drip));
  });
  const port = await listen(t, app);
  const timeouts = 'timeouts: {firstByte: 200ms, idle: 300ms, whole: 1s}';
  const it = await front(t, `url: "http://127.0.0.1:${port}", ${timeouts}`);
  assert.equal((await it.get('/never')).status, 504);
  assert.equal(await it.failures('first_byte_timeout'), 1);
  await assert.rejects((await it.get('/stalls')).text(), 'it broke off, and was not ended');
  assert.equal(await it.failures('idle_timeout'), 1);
  await assert.rejects((await it.get('/drips')).text());
  assert.equal(await it.failures('whole_timeout'), 1);
});

test('a connection whose app is gone without a word is given up, and a new one serves', async (t) => {
  let sessions = 0;
  const app = createServer();
  app.on('stream', answer);
  app.on('session', (session: ServerHttp2Session) => {
    sessions++;
    if (sessions === 1) session.once('stream', () => setImmediate(() => mute(session)));
  });
  const port = await listen(t, app);
  const timeouts = 'timeouts: {connect: 200ms, firstByte: 200ms}';
  const it = await front(t, `url: "http://127.0.0.1:${port}", ${timeouts}`);
  assert.equal(await (await it.get()).text(), 'ok');
  assert.equal((await it.get()).status, 504);
  await awaitUntil(async () => (await it.get()).status === 200, { what: 'a new connection' });
  assert.equal(sessions, 2);
});

/** Takes whatever comes for a session and gives no answer to it, not even to a PING. */
function mute(session: ServerHttp2Session): void {
  const handle: unknown = Reflect.get(session.socket, '_handle');
  (handle as { readStop(): void }).readStop();
}
