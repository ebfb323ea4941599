import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { hear, request as rawRequest } from '../attacks/wire.ts';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function startApp(context: TestContext, handler: Handler) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function startAmbassador(
  context: TestContext,
  upstream: string | number,
  more = '',
): Promise<ContainerProcess & { port: number; admin: string }> {
  const target = typeof upstream === 'number' ? `http://127.0.0.1:${upstream}` : upstream;
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  upstream: ${target}
  routes:
    - {path: /**, public: true, websocket: {}, limits: {body: 4GiB}}
${more}`,
  );
  context.after(() => container.stop('SIGKILL'));
  const port = Number(container.addresses['http']?.split(':').at(-1));
  return { ...container, port, admin: `http://${container.addresses['admin']}` };
}

const quick = '  shutdown: {delay: 0ms, deadline: 5s}';

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: string;
}

function fetchFrom(port: number, path: string, options: object = {}, body?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, path, host: '127.0.0.1', agent: false, ...options },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers, trailers } = response;
          resolve({ status, headers, trailers, body: text });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

test('SIGTERM under load: every request that was let in is answered, and the exit code is 0', async (context) => {
  const app = await startApp(context, (_request, response) => {
    setTimeout(() => response.end('ok'), 20);
  });
  const ambassador = await startAmbassador(
    context,
    app.port,
    '  shutdown: {delay: 3s, deadline: 15s}',
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let answered = 0;
  const lost: string[] = [];
  let closing = false;
  const work = async () => {
    while (!closing) {
      try {
        const { status } = await fetchFrom(ambassador.port, '/', { agent });
        if (status === 200) answered++;
        else lost.push(String(status));
      } catch (error) {
        lost.push(String(error));
      }
    }
  };
  const workers = Array.from({ length: 20 }, work);
  await awaitUntil(() => answered > 200, { what: 'load' });
  const ready = await fetch(`${ambassador.admin}/readyz`);
  assert.equal(ready.status, 200);
  const exited = ambassador.stop();
  await awaitUntil(async () => (await fetch(`${ambassador.admin}/readyz`)).status === 503, {
    what: 'not ready while it drains',
  });
  const soFar = answered;
  await awaitUntil(() => answered > soFar + 20, { what: 'it goes on serving while others notice' });
  closing = true; // as when the endpoint has been taken away: nobody comes any more
  await Promise.all(workers);
  assert.equal(await exited, 0);
  assert.deepEqual(lost, []);
  agent.destroy();
});

test('SIGTERM past the deadline: exit code 1, and what was cut off is said', async (context) => {
  const app = await startApp(context, () => {}); // never answers
  const short = '  shutdown: {delay: 0ms, deadline: 300ms}';
  const ambassador = await startAmbassador(context, app.port, short);
  const pending = fetchFrom(ambassador.port, '/').catch((error: Error) => error);
  await awaitUntil(
    () => new Promise<number>((resolve) => app.server.getConnections((_, n) => resolve(n))),
    {
      what: 'the request arrives',
    },
  );
  assert.equal(await ambassador.stop(), 1);
  assert.ok((await pending) instanceof Error);
  assert.ok(
    ambassador.diagnostics.some(({ msg }) => String(msg).includes('1 requests were cut off')),
  );
});

test('early hints, trailers, HEAD, 204 and 304 come through as they are', async (context) => {
  const app = await startApp(context, ({ url, method }, response) => {
    if (url === '/204' || url === '/304')
      return void response.writeHead(Number(url.slice(1))).end();
    if (method === 'HEAD') return void response.writeHead(200, { 'content-length': 5 }).end();
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('body');
      response.addTrailers({ 'x-sum': 'abc' });
      response.end();
    });
  });
  const { port, stop } = await startAmbassador(context, app.port, quick);
  const socket = connect(port, '127.0.0.1');
  socket.write(rawRequest('GET / HTTP/1.1', ['TE: trailers']));
  let raw = '';
  socket.on('data', (bytes) => {
    raw += bytes;
  });
  await awaitUntil(() => raw.includes('x-sum: abc\r\n\r\n'), { what: 'the trailers' });
  assert.match(
    raw,
    /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/style\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200/i,
  );
  socket.destroy();
  assert.equal((await fetchFrom(port, '/204')).status, 204);
  assert.equal((await fetchFrom(port, '/304')).status, 304);
  const head = await fetchFrom(port, '/', { method: 'HEAD' });
  assert.equal(head.headers['content-length'], '5');
  assert.equal(await stop(), 0);
});

test('Expect: 100-continue is answered after the decision', async (context) => {
  const app = await startApp(context, (incoming, response) => {
    incoming.on('end', () => response.end(incoming.headers.expect ?? 'none')).resume();
  });
  const { port } = await startAmbassador(context, app.port, quick);
  const ask = async (path: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(rawRequest(`PUT ${path} HTTP/1.1`, ['Content-Length: 4', 'Expect: 100-continue']));
    const [first] = await once(socket, 'data');
    if (String(first).startsWith('HTTP/1.1 100')) socket.write('body');
    else return String(first);
    return (await hear(socket, 1)).answers[0]?.body;
  };
  assert.equal(await ask('/a'), 'none');
  assert.match((await ask('/a/../b')) ?? '', /^HTTP\/1\.1 400 /);
});

test('a kept-alive connection that the app closes just then costs GET nothing', async (context) => {
  // Answers once, and closes when the next request comes: the race, every time.
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let first = true;
    socket.on('error', () => {});
    socket.on('data', () => {
      if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.destroy();
      first = false;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port, admin } = await startAmbassador(
    context,
    (server.address() as AddressInfo).port,
    quick,
  );
  for (let i = 0; i < 6; i++) assert.equal((await fetchFrom(port, '/')).status, 200);
  assert.equal(
    (await fetchFrom(port, '/', { method: 'POST' })).status,
    502,
    'a POST is not repeated',
  );
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  assert.match(metrics, /^podmates_ambassador_upstream_retries_total 5$/m);
  for (const socket of sockets) socket.destroy();
});

test('an app that never answers, or cannot be reached, is told by 504 and 502', async (context) => {
  const app = await startApp(context, () => {});
  const slow = `{url: "http://127.0.0.1:${app.port}", timeouts: {firstByte: 100ms}}`;
  const { port } = await startAmbassador(context, slow, quick);
  assert.equal((await fetchFrom(port, '/')).status, 504);
  const closed = await startAmbassador(context, 'http://127.0.0.1:1', quick);
  assert.equal((await fetchFrom(closed.port, '/')).status, 502);
});

test('the breaker leaves a failing app alone and lets one request try again', async (context) => {
  const breaking = '{url: "http://127.0.0.1:1", breaker: {failures: 3, open: 200ms}}';
  const { port } = await startAmbassador(context, breaking, quick);
  for (let i = 0; i < 3; i++) assert.equal((await fetchFrom(port, '/')).status, 502);
  assert.equal((await fetchFrom(port, '/')).status, 503);
  await awaitUntil(async () => (await fetchFrom(port, '/')).status === 502, {
    what: 'the next try',
  });
});

test('an app on a Unix socket', async (context) => {
  const path = join(mkdtempSync(join(tmpdir(), 'podmates-')), 'app.sock');
  const app = createServer((_request, response) => response.end('by socket')).listen(path);
  context.after(() => app.close());
  await once(app, 'listening');
  const { port } = await startAmbassador(
    context,
    `{url: "http://localhost", socket: ${path}}`,
    quick,
  );
  assert.equal((await fetchFrom(port, '/')).body, 'by socket');
});

test('large bodies stream in both directions, at the pace of the slower side', async (context) => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const app = await startApp(context, (incoming, response) => {
    let length = 0;
    incoming.on('data', (bytes: Buffer) => {
      length += bytes.length;
    });
    incoming.on('end', () => {
      if (incoming.method === 'PUT') return void response.end(String(length));
      let left = 256;
      const more = () => {
        while (left-- > 0) if (!response.write(megabyte)) return void response.once('drain', more);
        response.end();
      };
      more();
    });
  });
  const ambassador = await startAmbassador(context, app.port, quick);
  const resident = async () => {
    const text = await (await fetch(`${ambassador.admin}/metrics`)).text();
    return (
      Number(/^process_resident_memory_bytes\{container="ambassador"\} (\d+)/m.exec(text)?.[1]) /
      2 ** 20
    );
  };
  const upload = request({ port: ambassador.port, host: '127.0.0.1', method: 'PUT', agent: false });
  const answered = once(upload, 'response');
  for (let i = 0; i < 128; i++) if (!upload.write(megabyte)) await once(upload, 'drain');
  upload.end();
  const [response] = (await answered) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  assert.equal(text, String(128 * megabyte.length));
  const before = await resident();
  const socket = connect(ambassador.port, '127.0.0.1');
  socket.write(rawRequest('GET / HTTP/1.1', ['Connection: close']));
  await once(socket, 'readable'); // and no more is read for now
  const held = await resident();
  assert.ok(held < before + 60, `grew from ${before} to ${held} MiB while the caller did not read`);
  let length = 0;
  for await (const bytes of socket) length += bytes.length;
  assert.ok(length > 256 * megabyte.length);
});

test('a WebSocket speaks through, and is told 1001 when the ambassador goes', async (context) => {
  const app = await startApp(context, () => {});
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`echo ${text}`)));
  const ambassador = await startAmbassador(context, app.port, quick);
  const socket = new WebSocket(`ws://127.0.0.1:${ambassador.port}/chat`);
  await once(socket, 'open');
  socket.send('hello');
  const [message] = await once(socket, 'message');
  assert.equal(String(message), 'echo hello');
  const large = 'x'.repeat(300_000);
  socket.send(large);
  const [back] = await once(socket, 'message');
  assert.equal(String(back), `echo ${large}`);
  const metrics = await (await fetch(`${ambassador.admin}/metrics`)).text();
  assert.match(metrics, /^podmates_ambassador_websockets 1$/m);
  const closed = once(socket, 'close');
  const exited = ambassador.stop();
  assert.equal((await closed)[0], 1001);
  assert.equal(await exited, 0);
});

test('the access log names route, decision and trace, and never a query or a header', async (context) => {
  const app = await startApp(context, (incoming, response) =>
    response.end(incoming.headers['traceparent']),
  );
  const ambassador = await startAmbassador(context, app.port, quick);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { traceparent, authorization: 'Bearer secret-token', cookie: 'secret-cookie' };
  const kept = await fetchFrom(ambassador.port, '/a?secret=query', { headers });
  assert.equal(kept.body, traceparent);
  const begun = await fetchFrom(ambassador.port, '/a', { headers: { traceparent: 'nonsense' } });
  assert.match(begun.body, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const lines = () => ambassador.diagnostics.filter(({ msg }) => msg === 'request');
  await awaitUntil(() => lines().length === 2, { what: 'two lines' });
  const [line] = lines();
  assert.equal(line?.['route'], '/**');
  assert.equal(line?.['path'], '/a');
  assert.equal(line?.['decision'], 'allowed');
  assert.equal(line?.['traceId'], '0af7651916cd43dd8448eb211c80319c');
  assert.doesNotMatch(JSON.stringify(ambassador.diagnostics), /secret/);
});

test('a connection that was held back at the end of an answer serves the next one', async (context) => {
  // As long as whole reads of the ambassador: the last one alone fills what waits for the caller.
  const reads = 3 * 65_536;
  const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  const length = reads - head(reads).length;
  let connections = 0;
  const app = createTcpServer((socket) => {
    connections++;
    socket.on('error', () => {});
    socket.on('data', () => socket.write(head(length) + 'x'.repeat(length)));
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const ambassador = await startAmbassador(context, (app.address() as AddressInfo).port, quick);
  for (let i = 0; i < 20; i++) {
    assert.equal((await fetchFrom(ambassador.port, '/')).body.length, length);
  }
  assert.ok(connections < 20, 'connections are used again');
  await ambassador.stop();
  app.close();
});
