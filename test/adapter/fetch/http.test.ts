import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { type FailureReason, SourceError } from '../../../sidecars/adapter/fetch/body.ts';
import { createHttpFetch } from '../../../sidecars/adapter/fetch/http.ts';
import { readAdapter } from '../collect.ts';

const forever = new AbortController().signal;

async function serve(context: TestContext, listener: RequestListener, path?: string) {
  const server = createServer(listener);
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return path ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats`;
}

function open(context: TestContext, url: string, more = '') {
  const metrics = 'metrics: [{ gauge: x, value: n }]';
  const yaml = `adapter:\n  sources:\n    app: { url: "${url}", ${more === '' ? '' : `${more}, `}${metrics} }\n`;
  const source = readAdapter(yaml).sources['app'];
  assert.ok(source?.url);
  const { fetch, close } = createHttpFetch({ ...source, url: source.url });
  context.after(close);
  return fetch;
}

async function failure(promise: Promise<unknown>): Promise<FailureReason> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof SourceError, String(error));
    return error.reason;
  }
  throw new Error('did not fail');
}

const json = '{"n": 1}';

test('a packed answer is unpacked, whatever packed it', async (context) => {
  const packed: Readonly<Record<string, Buffer>> = {
    gzip: gzipSync(json),
    deflate: deflateSync(json),
    br: brotliCompressSync(json),
    zstd: zstdCompressSync(json),
    identity: Buffer.from(json),
    'gzip, br': brotliCompressSync(gzipSync(json)),
  };
  const codings = [...Object.entries(packed), ['deflate', deflateRawSync(json)] as const];
  for (const [coding, body] of codings) {
    const url = await serve(context, (_, response) => {
      response.writeHead(200, { 'content-encoding': coding, 'content-type': 'text/html' });
      response.end(body);
    });
    const { bytes } = await open(context, url)(forever);
    assert.equal(bytes.toString(), json, coding);
  }
});

test('what is broken, too much or unknown is given up with its reason', async (context) => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const cases: readonly (readonly [FailureReason, Record<string, string>, Buffer])[] = [
    ['encoding', { 'content-encoding': 'gzip' }, Buffer.from('not gzip at all')],
    ['encoding', { 'content-encoding': 'gzip' }, gzipSync(json).subarray(0, 12)],
    ['encoding', { 'content-encoding': 'rot13' }, Buffer.from(json)],
    ['encoding', { 'content-encoding': 'gzip, gzip, gzip, gzip' }, gzipSync(json)],
    ['too_large', { 'content-encoding': 'gzip' }, zeros],
    ['too_large', {}, Buffer.alloc(64 * 1024 * 1024, 0x20)],
  ];
  for (const [reason, headers, body] of cases) {
    const url = await serve(context, (_, response) => {
      response.writeHead(200, headers);
      response.on('error', () => {}).end(body);
    });
    const fetch = open(context, url, 'maxBody: 1MiB');
    assert.equal(await failure(fetch(forever)), reason, JSON.stringify(headers));
  }
});

test('memory does not hold what is over the limit', async (context) => {
  let sent = 0;
  const url = await serve(context, async (_, response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    response.on('error', () => {});
    for (let count = 0; count < 1024 && !response.destroyed; count++) {
      sent += chunk.length;
      if (!response.write(chunk)) {
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    }
    response.end();
  });
  assert.equal(await failure(open(context, url, 'maxBody: 2MiB')(forever)), 'too_large');
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
});

test('a slow drip ends at the timeout, a closed port and a cut body are failures to connect', async (context) => {
  const drip = await serve(context, (_, response) => {
    response.write('[');
    const timer = setInterval(() => response.write('1,'), 20);
    response.on('close', () => clearInterval(timer));
  });
  assert.equal(await failure(open(context, drip, 'timeout: 200ms')(forever)), 'timeout');
  const cut = await serve(context, (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('[1');
    setImmediate(() => response.destroy());
  });
  assert.equal(await failure(open(context, cut)(forever)), 'connect');
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  assert.equal(await failure(open(context, `http://127.0.0.1:${port}/`)(forever)), 'connect');
});

test('redirects are not followed, and a status counts as a document only where that is said', async (context) => {
  let asked = 0;
  const url = await serve(context, ({ url: path }, response) => {
    asked += 1;
    if (path === '/ill') response.writeHead(503).end(json);
    else response.writeHead(302, { location: '/elsewhere' }).end();
  });
  assert.equal(await failure(open(context, url)(forever)), 'status');
  assert.equal(asked, 1);
  const ill = url.replace('/stats', '/ill');
  assert.equal(await failure(open(context, ill)(forever)), 'status');
  const { bytes } = await open(context, ill, 'validStatus: [200, 503]')(forever);
  assert.equal(bytes.toString(), json);
});

test('method, headers, query and body are sent; a secret is read again when its file changes', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const token = join(folder, 'token');
  writeFileSync(token, 'first\n');
  const requests: { request: IncomingMessage; body: string }[] = [];
  const url = await serve(context, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ request, body });
    response.end(json);
  });
  const more = `method: POST, body: '{"ask": 1}', headers: { x-a: b }, query: { "k y": "v&" }, auth: { bearer: { file: "${token}" } }`;
  const fetch = open(context, `${url}?a=1`, more);
  await fetch(forever);
  writeFileSync(token, 'second, longer\n');
  await fetch(forever);
  const [first, second] = requests;
  assert.equal(first?.request.method, 'POST');
  assert.equal(first?.body, '{"ask": 1}');
  assert.equal(first?.request.url, '/stats?a=1&k+y=v%26');
  assert.equal(first?.request.headers['x-a'], 'b');
  assert.equal(first?.request.headers.authorization, 'Bearer first');
  assert.equal(second?.request.headers.authorization, 'Bearer second, longer');
  assert.ok(first?.request.socket === second?.request.socket, 'the connection stays open');
});

test('a Unix socket is connected to in place of the host', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'app.sock');
  await serve(context, (_, response) => response.end(json), socket);
  const fetch = open(context, 'http://localhost/stats', `socket: "${socket}"`);
  assert.equal((await fetch(forever)).bytes.toString(), json);
});

test('a signal that aborts ends the request at the app too', async (context) => {
  const left = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const url = await serve(context, (_, response) => {
    response.on('close', () => left.resolve());
    arrived.resolve();
  });
  const stop = new AbortController();
  const fetching = open(context, url)(stop.signal);
  await arrived.promise;
  stop.abort(new SourceError('aborted', 'the scraper left'));
  assert.equal(await failure(fetching), 'aborted');
  await left.promise;
});

test('a status that is no document says what can be done about it', async (context) => {
  const url = await serve(context, ({ url: path = '' }, response) => {
    const status = Number(path.slice(1));
    response.writeHead(status, status === 302 ? { location: '/login?token=s3cret' } : {}).end();
  });
  const says = async (status: number) => {
    const fetching = open(context, url.replace('/stats', `/${status}`))(forever);
    return fetching.then(
      () => 'well',
      (error: Error) => error.message,
    );
  };
  assert.equal(await says(500), 'answered 500');
  assert.equal(await says(401), 'answered 401; who asks is said with auth:');
  assert.equal(
    await says(302),
    'answered 302, which is not followed; the url may have to be /login',
  );
});

test('who asks may say what it accepts', async (context) => {
  const accepted: (string | undefined)[] = [];
  const url = await serve(context, ({ headers }, response) => {
    accepted.push(headers.accept);
    response.end(json);
  });
  await open(context, url)(forever);
  await open(context, url, 'headers: { Accept: application/vnd.shop+json }')(forever);
  assert.deepEqual(accepted, ['application/json, */*;q=0.5', 'application/vnd.shop+json']);
});

test('redirects are followed where that is wanted, and never to another server', async (context) => {
  const asked: string[] = [];
  const other = await serve(context, (_, response) => {
    asked.push('other');
    response.end(json);
  });
  const places: Readonly<Record<string, string>> = {
    '/stats': '/stats/',
    '/stats/': 'now?full=1',
    '/away': other,
    '/round': '/round',
    '/nowhere': 'http://[',
  };
  const url = await serve(context, ({ url: path = '' }, response) => {
    asked.push(path);
    const location = places[path];
    if (location === undefined) response.end(json);
    else response.writeHead(302, { location }).end();
  });
  const follow = (path: string) =>
    open(context, url.replace('/stats', path), 'followRedirects: true')(forever);
  assert.equal((await follow('/stats')).bytes.toString(), json);
  assert.deepEqual(asked, ['/stats', '/stats/', '/stats/now?full=1']);
  for (const path of ['/away', '/nowhere', '/round']) {
    assert.equal(await failure(follow(path)), 'status', path);
  }
  assert.ok(!asked.includes('other'));
  assert.equal(asked.filter((path) => path === '/round').length, 6);
});
