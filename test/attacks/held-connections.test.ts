import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';
import { endHeaders, endStream, fieldBlock, frame, opening } from './http2-wire.ts';
import { request } from './wire.ts';

/*
 * Attack 42: connections that are held without a request worth answering. Each kind is opened, kept
 * from the caller's side, and must be gone from the ambassador's: 10,000 of them and nobody else
 * would get in.
 */

const certificates = join(import.meta.dirname, '../ambassador/authenticate/certificates');
/** Longer than every limit of the config; the handshake of TLS has a bound of its own, 10 s. */
const patience = { timeoutMs: 15_000 };

const app = createServer((asked, response) => {
  const length = Number(asked.url?.split('/').at(-1));
  asked.resume().on('end', () => response.end(Buffer.alloc(Number.isNaN(length) ? 2 : length)));
});
app.on('upgrade', ({ url }, socket) => {
  socket.on('error', () => {});
  if (url === '/public/flood') flood(socket);
  else socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
});

/** WebSocket messages of 1 MiB, as many as are taken. */
function flood(socket: Duplex): void {
  const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]);
  const message = Buffer.concat([head, Buffer.alloc(0x100000)]);
  const more = () => {
    while (socket.write(message));
    socket.once('drain', more);
  };
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n');
  socket.write('Upgrade: websocket\r\n\r\n', more);
}

const config = (front: string) => `ambassador:
  listen: "127.0.0.1:0"
  ${front}
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  shutdown: {delay: 0ms, deadline: 2s}
  upstream: {url: "http://127.0.0.1:${(app.address() as AddressInfo).port}", timeouts: {idle: 1m}}
  limits: {headTimeout: 500ms, bodyIdle: 500ms, answerIdle: 1s, idle: 500ms}
  routes: [{path: /public/**, public: true, websocket: {}}]
`;

const head = (method: string, path: string) =>
  fieldBlock([
    [':method', method],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'app.example'],
  ]);
const http2 = (...frames: readonly Buffer[]) => Buffer.concat([opening, ...frames]);
const upgrade = (path: string) =>
  request(`GET ${path} HTTP/1.1`, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]);

const overHttp1: Readonly<Record<string, string>> = {
  nothing: '',
  'half a head': 'GET /public/a HTTP/1.1\r\nHost: app',
  'half a body': request('POST /public/a HTTP/1.1', ['Content-Length: 9'], 'half'),
  'a whole request, and no other': request('GET /public/a HTTP/1.1'),
  'no request': 'nonsense\r\n\r\n',
  'an upgrade that is refused': upgrade('/nowhere'),
  'an upgrade that the app refuses': upgrade('/public/a'),
  'messages of a WebSocket that it does not take': upgrade('/public/flood'),
  'requests whose long answers it does not take': request('GET /public/3000000 HTTP/1.1'),
  'requests whose answers it does not take': request('GET /public/90000 HTTP/1.1').repeat(200),
};

const overHttp2: Readonly<Record<string, Buffer>> = {
  'the preface': opening,
  'half a frame': http2(
    frame('headers', endStream | endHeaders, 1, head('GET', '/')).subarray(0, 14),
  ),
  'half a head': http2(frame('headers', endStream, 1, head('GET', '/public/a'))),
  'half a body': http2(
    frame('headers', endHeaders, 1, head('POST', '/public/a')),
    frame('data', 0, 1, 'half'),
  ),
  'a whole request, and half of another': http2(
    frame('headers', endStream | endHeaders, 1, head('GET', '/public/a')),
    frame('headers', endStream, 3, head('GET', '/public/a')),
  ),
};

/** Never reads, and never closes for its part. */
function hold(port: number): Socket {
  return connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    .on('error', () => {})
    .pause();
}

for (const [front, setting] of [
  ['HTTP/1.1', 'h2c: false'],
  ['HTTP/1.1 and h2c', 'h2c: true'],
  ['TLS', `tls: {cert: ${certificates}/localhost.crt, key: ${certificates}/localhost.key}`],
] as const) {
  describe(`attack 42 fails: connections held over ${front}`, () => {
    let container: ContainerProcess;
    let port: number;
    const secure = front === 'TLS';
    const held: { destroy(): void }[] = [];
    const openNow = async () => {
      const page = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
      return Number(/^podmates_ambassador_connections (\d+)$/m.exec(page)?.[1]);
    };
    const allGone = (what: string) =>
      awaitUntil(async () => (await openNow()) === 0, { ...patience, what }).finally(() => {
        for (const one of held.splice(0)) one.destroy();
      });
    before(async () => {
      if (!app.listening) await once(app.listen(0, '127.0.0.1'), 'listening');
      container = await startContainer('ambassador', config(setting));
      port = Number(container.addresses['http']?.split(':').at(-1));
    });
    after(async () => {
      for (const one of held) one.destroy();
      await container.stop();
      app.closeAllConnections();
      app.close();
    });
    const say = async (bytes: string | Buffer, protocol: string) => {
      const raw = hold(port);
      held.push(raw);
      await awaitUntil(async () => (await openNow()) === 1, { what: 'the connection' });
      if (!secure) return void raw.write(bytes);
      const tls = connectTls({
        socket: raw,
        ALPNProtocols: [protocol],
        rejectUnauthorized: false,
      });
      tls.on('error', () => {}).pause();
      await once(tls, 'secureConnect');
      tls.write(bytes);
    };

    for (const [what, bytes] of Object.entries(overHttp1)) {
      test(`by ${what}`, async () => {
        await say(bytes, 'http/1.1');
        await allGone('the connection is gone');
      });
    }
    if (front === 'HTTP/1.1') return;
    for (const [what, bytes] of Object.entries(overHttp2)) {
      test(`in HTTP/2 by ${what}`, async () => {
        await say(bytes, 'h2');
        await allGone('the connection is gone');
      });
    }
    test('in HTTP/2 by answers that it does not take', async () => {
      const origin = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
      const settings = { initialWindowSize: 0 };
      for (const path of ['/public/2', '/public/3000000', '/nowhere']) {
        const session = connectHttp2(origin, { settings, rejectUnauthorized: false });
        held.push(session.on('error', () => {}));
        const stream = session.request({ ':path': path }).on('error', () => {});
        await once(stream, 'response');
      }
      await allGone('the connections are gone');
    });
    test('in HTTP/2 by a caller that goes away in the middle of a body', async () => {
      const session = connectHttp2(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, {
        rejectUnauthorized: false,
      });
      const stream = session
        .on('error', () => {})
        .request({
          ':method': 'POST',
          ':path': '/public/a',
        });
      stream.on('error', () => {}).write('half');
      await awaitUntil(async () => (await openNow()) === 1, { what: 'the connection' });
      session.socket.destroy();
      await allGone('the connection is gone');
    });
    if (secure) {
      test('by no handshake', async () => {
        held.push(hold(port));
        await awaitUntil(async () => (await openNow()) === 1, { what: 'the connection' });
        await allGone('the connection is gone');
      });
    }
  });
}
