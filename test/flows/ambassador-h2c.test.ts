import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as ask1, createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:http2';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';

let container: ContainerProcess;
let closed: ContainerProcess;
const seen: IncomingMessage[] = [];
const app = createServer((request, response) => {
  seen.push(request);
  let length = 0;
  request.on('data', (bytes: Buffer) => {
    length += bytes.length;
  });
  request.on('end', () => response.end(`${request.method} ${request.url} ${length}`));
});

const config = (h2c: boolean) => `ambassador:
  listen: "127.0.0.1:0"
  h2c: ${h2c}
  admin: false
  accessLog: none
  shutdown: {delay: 0ms}
  limits: {headTimeout: 1s}
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  routes: [{path: /open/**, public: true, websocket: {}}]
`;

before(async () => {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  container = await startContainer('ambassador', config(true));
  closed = await startContainer('ambassador', config(false));
});
after(async () => {
  await Promise.all([container?.stop(), closed?.stop()]);
  app.closeAllConnections();
  app.close();
});

const portOf = ({ addresses }: ContainerProcess) => Number(addresses['http']?.split(':').at(-1));

function open(to: ContainerProcess): Socket {
  return connectTcp(portOf(to), '127.0.0.1').on('error', () => {});
}

/** Sends each piece by itself, and reads to the end of the connection. */
async function converse(to: ContainerProcess, pieces: readonly string[]): Promise<string> {
  const socket = open(to);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const answer = text(socket);
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that it is a segment of its own
  }
  return answer;
}

test('HTTP/2 without TLS: many streams, judged and named as any request', async () => {
  const session = connect(`http://127.0.0.1:${portOf(container)}`);
  const bodies = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const stream = session.request({ ':method': 'POST', ':path': `/open/${index}` });
      stream.end(Buffer.alloc(100_000));
      return text(stream);
    }),
  );
  assert.deepEqual(
    bodies,
    Array.from({ length: 50 }, (_, index) => `POST /open/${index} 100000`),
  );
  assert.equal(seen.at(-1)?.headers['x-forwarded-proto'], 'http');
  assert.equal(seen.at(-1)?.headers['x-forwarded-for'], '127.0.0.1');
  const count = seen.length;
  const refused = session.request({ ':path': '/closed' });
  const [headers] = await once(refused, 'response');
  assert.equal(headers[':status'], 403);
  assert.equal(seen.length, count);
  session.close();
});

test('HTTP/1.1 goes on beside it, kept open and with bodies', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const port = portOf(container);
  for (const length of [0, 1, 300_000]) {
    const request = ask1({ agent, port, host: '127.0.0.1', path: '/open/a', method: 'POST' });
    request.end(Buffer.alloc(length));
    const [response] = await once(request, 'response');
    assert.equal(await text(response), `POST /open/a ${length}`);
  }
  agent.destroy();
});

test('what a connection speaks is known from its first bytes, however they are cut', async () => {
  const head =
    'PUT /open/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';
  for (const pieces of [[...'PUT'], ['P', 'UT /open']]) {
    const rest = head.slice(pieces.join('').length);
    const answer = await converse(container, [...pieces, rest]);
    assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*PUT \/open\/cut 2/, pieces.join('|'));
  }
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const socket = open(container);
  for (const piece of ['P', preface.slice(1, 20), preface.slice(20)]) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [settings] = await once(socket, 'data');
  assert.equal(settings[3], 4, 'a SETTINGS frame');
  socket.destroy();
});

test('a preface that is not quite one, and an upgrade to h2c, are no way in', async () => {
  const count = seen.length;
  for (const to of [container, closed]) {
    const odd = await converse(to, ['PRI * HTTP/2.0\r\n\r\nSM\r\nX\r\n']);
    assert.match(odd, /^HTTP\/1\.1 400 /);
  }
  const preface = await converse(closed, ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']);
  assert.match(preface, /^HTTP\/1\.1 400 /, 'off by default');
  assert.equal(seen.length, count);
  const upgrade = [
    'GET /open/up HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade, HTTP2-Settings\r\n',
    'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
  ];
  assert.match(await converse(container, [upgrade.join('')]), /^HTTP\/1\.1 200 /);
  assert.equal(seen.at(-1)?.headers.upgrade, undefined);
  assert.equal(seen.at(-1)?.headers['http2-settings'], undefined);
});

test('who says nothing, or half a preface, is not waited for longer than for a head', async () => {
  const begun = performance.now();
  await Promise.all([converse(container, []), converse(container, ['PRI * HT'])]);
  const ms = performance.now() - begun;
  assert.ok(ms > 900 && ms < 5000, `${ms} ms`);
});

test('SIGTERM: what is under way is finished, and who has said nothing is let go', async () => {
  const one = await startContainer(
    'ambassador',
    config(true).replace('headTimeout: 1s', 'headTimeout: 1m'),
  );
  const silent = open(one);
  await once(silent, 'connect');
  const session = connect(`http://127.0.0.1:${portOf(one)}`);
  const count = seen.length;
  const stream = session.request({ ':method': 'POST', ':path': '/open/last' });
  const answer = text(stream);
  stream.write('some');
  await awaitUntil(() => seen.length > count, { what: 'the request arrives' });
  const code = one.stop();
  await once(silent, 'close');
  stream.end('more');
  assert.equal(await answer, 'POST /open/last 8');
  assert.equal(await code, 0);
});
