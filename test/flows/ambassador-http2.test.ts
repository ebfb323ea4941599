import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';

const certificates = join(import.meta.dirname, '../ambassador/authenticate/certificates');
const ca = readFileSync(join(certificates, 'root.crt'));
const directory = mkdtempSync(join(tmpdir(), 'podmates-http2-'));

let container: ContainerProcess;
/** Without TLS. */
let plain: ContainerProcess;
let origin: string;
const seen: IncomingMessage[] = [];
let cut = 0;

const app = createServer((request, response) => {
  seen.push(request);
  let length = 0;
  response.on('close', () => {
    if (!response.writableFinished) cut++;
  });
  request.on('data', (bytes: Buffer) => {
    length += bytes.length;
  });
  if (request.url === '/stream') return void response.write('data: 1\n\n');
  if (request.url === '/dies') return void response.write('begun', () => response.destroy());
  request.on('end', () => {
    response.writeHead(200, { 'x-length': length, trailer: 'x-sum', 'set-cookie': ['a=1', 'b=2'] });
    response.write('ok');
    response.addTrailers({ 'x-sum': 'abc' });
    response.end();
  });
});

const echo = {
  path: '/echo.Echo/Say',
  requestStream: true,
  responseStream: true,
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const grpcServer = new grpc.Server();

before(async () => {
  for (const file of ['crt', 'key']) {
    cpSync(join(certificates, `localhost.${file}`), join(directory, `tls.${file}`));
  }
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  grpcServer.addService(
    { Say: echo },
    {
      Say(call: grpc.ServerDuplexStream<string, string>) {
        const fail = call.metadata.get('x-fail').length > 0;
        call.on('data', (text: string) =>
          call.write(`${text} from ${call.metadata.get('x-user')}`),
        );
        call.on('end', () => {
          if (fail) call.emit('error', { code: grpc.status.DATA_LOSS, details: 'as you wished' });
          else call.end();
        });
      },
    },
  );
  const grpcPort = await new Promise<number>((resolve, reject) => {
    const insecure = grpc.ServerCredentials.createInsecure();
    grpcServer.bindAsync('127.0.0.1:0', insecure, (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  const config = (front: string) => `ambassador:
  listen: "127.0.0.1:0"
  ${front}
  admin: false
  accessLog: none
  shutdown: {delay: 0ms}
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  upstreams: {echo: {url: "http://127.0.0.1:${grpcPort}", protocol: http2}}
  routes:
    - {path: /**, public: true, limits: {body: 1MiB}}
    - {path: /echo.Echo/*, public: true, upstream: echo}
`;
  container = await startContainer(
    'ambassador',
    config(`tls: {cert: ${directory}/tls.crt, key: ${directory}/tls.key}`),
  );
  plain = await startContainer('ambassador', config('h2c: true'));
  origin = `https://localhost:${container.addresses['http']?.split(':').at(-1)}`;
});
after(async () => {
  await Promise.all([container?.stop(), plain?.stop()]);
  app.closeAllConnections();
  app.close();
  grpcServer.forceShutdown();
});

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string | string[]>>,
  body?: Buffer,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  let text = '';
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  stream.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  if (body !== undefined) stream.end(body);
  const [answer] = await once(stream, 'response');
  await once(stream, 'close');
  return { headers: answer, trailers, body: text };
}

function open(): ClientHttp2Session {
  return connect(origin, { ca });
}

test('an HTTP/2 request reaches an HTTP/1.1 app, with cookies, trailers and identity rules', async () => {
  const session = open();
  const { headers, trailers, body } = await ask(session, {
    ':path': '/%61?b=c',
    cookie: ['a=1', 'b=2'],
    te: 'trailers',
    'x-user': 'root',
    x_user: 'root',
    'x-forwarded-for': '10.0.0.1',
  });
  assert.equal(headers[':status'], 200);
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(headers['transfer-encoding'], undefined);
  assert.equal(trailers['x-sum'], 'abc');
  assert.equal(body, 'ok');
  const request = seen.at(-1);
  assert.equal(request?.url, '/a?b=c');
  assert.equal(request?.headers.cookie, 'a=1; b=2');
  assert.equal(request?.headers.host, new URL(origin).host);
  assert.equal(request?.headers['x-forwarded-proto'], 'https');
  assert.equal(request?.headers['x-forwarded-for'], '127.0.0.1');
  assert.ok(!request?.rawHeaders.some((name) => /^(:|x.user)/i.test(name)));
  session.close();
});

test('bodies over HTTP/2: with and without a length, too long, cut off', async () => {
  const session = open();
  const body = Buffer.alloc(200_000, 'x');
  const known = await ask(session, { ':method': 'POST', 'content-length': '200000' }, body);
  assert.equal(known.headers['x-length'], '200000');
  const unknown = await ask(session, { ':method': 'POST' }, body);
  assert.equal(unknown.headers['x-length'], '200000');
  const long = await ask(session, { ':method': 'POST' }, Buffer.alloc(1_500_000));
  assert.equal(long.headers[':status'], 413);
  session.close();
});

/** One frame of RFC 9113 section 4.1, on the connection's first stream unless it is about the connection. */
function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

test('a body that is cut off does not reach the app as a whole one', async () => {
  // By hand: Node's own client ends a stream before it resets it.
  const text = (value: string) => Buffer.from(`${String.fromCharCode(value.length)}${value}`);
  const fields = [
    Buffer.from([0x83, 0x87, 0x04]),
    text('/cut'),
    Buffer.from([0x01]),
    text('a.example'),
  ];
  const request = [
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(4, 0, Buffer.alloc(0), 0),
    frame(1, 4, Buffer.concat(fields)),
    frame(0, 0, Buffer.from('some')),
  ];
  const { port, hostname } = new URL(origin);
  for (const reset of [frame(3, 0, Buffer.from([0, 0, 0, 8])), undefined]) {
    const before = { cut, requests: seen.length };
    const socket = connectTls({ port: Number(port), host: hostname, ca, ALPNProtocols: ['h2'] });
    socket.on('error', () => {});
    socket.resume();
    socket.write(Buffer.concat(request));
    await awaitUntil(() => seen.length > before.requests, { what: 'the request arrives' });
    if (reset === undefined) socket.destroy();
    else socket.write(reset);
    await awaitUntil(() => cut > before.cut, { what: 'the app sees it break off' });
    assert.equal(seen.at(-1)?.url, '/cut');
    assert.equal(seen.at(-1)?.complete, false);
    socket.destroy();
  }
});

test('ambiguous paths and hosts are refused over HTTP/2 too', async () => {
  const session = open();
  for (const path of ['/a/../b', '//a', '/a%2fb', '/a#b', '/a\\b']) {
    const { headers } = await ask(session, { ':path': path });
    assert.equal(headers[':status'], 400, path);
  }
  const { headers } = await ask(session, {
    ':authority': 'app.example',
    host: 'evil.example',
  });
  assert.equal(headers[':status'], 400);
  session.close();
});

test('a caller that resets its stream ends the request; an app that dies resets the stream', async () => {
  const session = open();
  const before = cut;
  const stream = session.request({ ':path': '/stream' });
  await once(stream, 'data');
  stream.close(8);
  await awaitUntil(() => cut > before, { what: 'the app sees the caller go' });
  const dying = session.request({ ':path': '/dies' });
  dying.resume();
  const [error] = await once(dying, 'error');
  assert.match(String(error), /INTERNAL_ERROR/);
  session.close();
});

async function speakGrpc(address: string, credentials: grpc.ChannelCredentials): Promise<void> {
  const Client = grpc.makeGenericClientConstructor({ Say: echo }, 'Echo');
  const client = new Client(address, credentials);
  const say = (metadata: grpc.Metadata): grpc.ClientDuplexStream<string, string> =>
    (client as unknown as { Say(metadata: grpc.Metadata): never }).Say(metadata);
  const metadata = new grpc.Metadata();
  metadata.set('x-user', 'root');
  const call = say(metadata);
  const heard: string[] = [];
  call.on('data', (text: string) => heard.push(text));
  for (const word of ['one', 'two', 'three']) {
    const count = heard.length;
    call.write(word);
    await awaitUntil(() => heard.length > count, { what: `the echo of ${word}` });
  }
  call.end();
  const [status] = await once(call, 'status');
  assert.equal(status.code, grpc.status.OK);
  assert.deepEqual(
    heard,
    ['one from ', 'two from ', 'three from '],
    'no identity of its own making',
  );
  metadata.set('x-fail', 'yes');
  const failing = say(metadata);
  failing.resume();
  failing.end();
  const [error] = await once(failing, 'error');
  assert.equal(error.code, grpc.status.DATA_LOSS);
  assert.equal(error.details, 'as you wished');
  client.close();
}

test('gRPC: a bidirectional stream, its status, and errors in trailers', () =>
  speakGrpc(new URL(origin).host, grpc.credentials.createSsl(ca)));

test('gRPC without TLS, over h2c', () =>
  speakGrpc(plain.addresses['http'] ?? '', grpc.credentials.createInsecure()));

test('a certificate renewed again and again under load is used by new connections, and no request fails', async (t) => {
  const fingerprint = () =>
    new Promise<string>((resolve, reject) => {
      get(origin, { ca, agent: false }, (response) => {
        const socket = response.socket as unknown as {
          getPeerCertificate(): { fingerprint256: string };
        };
        resolve(socket.getPeerCertificate().fingerprint256);
        response.resume();
      }).on('error', reject);
    });
  const session = open();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const served = { http2: 0, kept: 0, fresh: 0 };
  let going = true;
  const loads = {
    async http2() {
      const { headers } = await ask(session, { ':path': '/load' });
      assert.equal(headers[':status'], 200);
    },
    kept: () => getWith(agent),
    fresh: () => getWith(false), // a handshake for each
  };
  const work = async (kind: keyof typeof loads) => {
    for (; going; served[kind]++) await loads[kind]();
  };
  const kinds = Object.keys(loads) as (keyof typeof loads)[];
  const workers = Promise.all(kinds.flatMap((kind) => Array.from({ length: 4 }, () => work(kind))));
  for (const name of ['renewed', 'localhost', 'renewed']) {
    const before = await fingerprint();
    for (const file of ['crt', 'key']) {
      cpSync(join(certificates, `${name}.${file}`), join(directory, `tls.${file}`));
    }
    const replaced = async () => (await fingerprint()) !== before;
    await Promise.race([awaitUntil(replaced, { what: `${name}.crt`, timeoutMs: 20_000 }), workers]);
  }
  const soFar = { ...served };
  const more = () => kinds.every((kind) => served[kind] > soFar[kind] + 20);
  await Promise.race([awaitUntil(more, { what: 'all kinds to go on' }), workers]);
  going = false;
  await workers;
  session.close();
  agent.destroy();
  t.diagnostic(`served ${JSON.stringify(served)} over three certificates`);
});

/** Asks over HTTP/1.1, and fails unless it is served. */
async function getWith(agent: Agent | false): Promise<void> {
  const [response] = await once(get(`${origin}/load`, { ca, agent }), 'response');
  assert.equal(response.statusCode, 200);
  await once(response.resume(), 'end');
}
