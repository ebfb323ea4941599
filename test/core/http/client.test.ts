import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import * as z from 'zod';
import { readConfig } from '../../../sidecars/core/config/load.ts';
import { createHttpClient } from '../../../sidecars/core/http/client.ts';
import { httpTargetFields } from '../../../sidecars/core/http/target.ts';

const certificate = (name: string) =>
  join(import.meta.dirname, '../../ambassador/authenticate/certificates', name);
const pem = (name: string) => readFileSync(certificate(name));

async function listen(context: TestContext, listener: RequestListener, tls = false) {
  const options = { cert: pem('localhost.crt'), key: pem('localhost.key'), ca: pem('root.crt') };
  const server = tls
    ? createTlsServer({ ...options, requestCert: true, rejectUnauthorized: false }, listener)
    : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}/`;
}

/** A client by what a config says of its target. */
function open(context: TestContext, target: string) {
  const schema = z.strictObject(httpTargetFields('5s'));
  const config = readConfig({ text: `adapter: ${target}`, file: 'test.yaml', environment: {} });
  const client = createHttpClient({ target: config.section('adapter', schema) });
  context.after(client.close);
  return (url: string) => client.request({ url, maxBytes: 1000, headers: { accept: 'a/b' } });
}

process.env['PODMATES_TEST_SECRET'] = 'hush';
const secret = '{ env: PODMATES_TEST_SECRET }';

test('each kind of credentials is shown as its specification says', async (context) => {
  const asked: IncomingMessage['headers'][] = [];
  const url = await listen(context, ({ headers }, response) => {
    asked.push(headers);
    response.end();
  });
  await open(context, `{ auth: { basic: { username: "mé", password: ${secret} } } }`)(url);
  await open(context, `{ auth: { bearer: ${secret} } }`)(url);
  await open(context, `{ auth: { apiKey: { header: X-Key, value: ${secret} } } }`)(url);
  const [basic, bearer, key] = asked;
  assert.equal(basic?.authorization, `Basic ${Buffer.from('mé:hush').toString('base64')}`);
  assert.equal(bearer?.authorization, 'Bearer hush');
  assert.equal(key?.['x-key'], 'hush');
});

test('a header is sent once, however it is written', async (context) => {
  let lines: string[] = [];
  const url = await listen(context, ({ rawHeaders }, response) => {
    lines = rawHeaders.map((line) => line.toLowerCase());
    response.end();
  });
  const auth = `auth: { bearer: ${secret} }`;
  await open(context, `{ headers: { Authorization: mine, Accept: mine, X-A: b }, ${auth} }`)(url);
  assert.deepEqual(
    lines.filter((line) => ['authorization', 'accept', 'x-a'].includes(line)).sort(),
    ['accept', 'authorization', 'x-a'],
  );
  assert.ok(lines.includes('bearer hush'));
});

test('a token is asked for with the client credentials, kept, and asked for again after a 401', async (context) => {
  const grants: { form: URLSearchParams; headers: IncomingMessage['headers'] }[] = [];
  const tokenUrl = await listen(context, async ({ headers }, response) => {
    let body = '';
    for await (const chunk of response.req as IncomingMessage) body += String(chunk);
    grants.push({ form: new URLSearchParams(body), headers });
    response.end(JSON.stringify({ access_token: `token-${grants.length}`, expires_in: 3600 }));
  });
  let refuse = '';
  const shown: (string | undefined)[] = [];
  const url = await listen(context, ({ headers }, response) => {
    shown.push(headers.authorization);
    response.writeHead(headers.authorization === refuse ? 401 : 200).end();
  });
  const request = open(
    context,
    `{ headers: { x-app-key: for the app }, auth: { oauth2: { tokenUrl: "${tokenUrl}", clientId: "a b", clientSecret: ${secret}, scopes: [read, write] } } }`,
  );
  await Promise.all([request(url), request(url)]);
  await request(url);
  assert.equal(grants.length, 1, 'one token for all');
  const [first] = grants;
  assert.equal(first?.form.get('grant_type'), 'client_credentials');
  assert.equal(first?.form.get('scope'), 'read write');
  assert.equal(
    first?.headers.authorization,
    `Basic ${Buffer.from('a%20b:hush').toString('base64')}`,
  );
  assert.equal(first?.headers['x-app-key'], undefined, 'what is for the app goes nowhere else');
  refuse = 'Bearer token-1';
  assert.equal((await request(url)).status, 200);
  assert.deepEqual(shown.slice(-2), ['Bearer token-1', 'Bearer token-2']);
});

test('a token endpoint that refuses or makes no sense is named', async (context) => {
  const answers = [
    { status: 401, body: '{}', says: /token endpoint .* answered 401/ },
    { status: 200, body: '<html>', says: /token endpoint .* without an access_token/ },
  ];
  const url = await listen(context, (_request, response) => response.end());
  for (const { status, body, says } of answers) {
    const tokenUrl = await listen(context, (_request, response) => {
      response.writeHead(status).end(body);
    });
    const auth = `{ oauth2: { tokenUrl: "${tokenUrl}", clientId: a, clientSecret: ${secret} } }`;
    await assert.rejects(open(context, `{ auth: ${auth} }`)(url), says);
  }
});

test('with a Unix socket, the token endpoint is still asked where its URL says', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'app.sock');
  const shown: (string | undefined)[] = [];
  const app = createServer(({ headers }, response) => {
    shown.push(headers.authorization);
    response.end('app');
  }).listen(socket);
  await once(app, 'listening');
  context.after(() => app.close());
  const tokenUrl = await listen(context, (_request, response) => {
    response.end('{"access_token":"t"}');
  });
  const auth = `{ oauth2: { tokenUrl: "${tokenUrl}", clientId: a, clientSecret: ${secret} } }`;
  await open(context, `{ socket: "${socket}", auth: ${auth} }`)('http://localhost/');
  assert.deepEqual(shown, ['Bearer t']);
});

test('an authority of its own, a certificate of ours, and a name of its own', async (context) => {
  const url = await listen(
    context,
    ({ socket }, response) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      response.end(String(subject?.CN ?? 'nobody'));
    },
    true,
  );
  const ca = `ca: ${certificate('root.crt')}`;
  const own = `cert: ${certificate('web.crt')}, key: ${certificate('web.key')}`;
  const byAddress = url.replace('localhost', '127.0.0.1');
  const answer = async (tls: string, at = url) =>
    (await open(context, `{ tls: { ${tls} } }`)(at)).body.toString();
  assert.equal(await answer(ca), 'nobody');
  assert.equal(await answer(`${ca}, ${own}`), 'web');
  assert.equal(await answer(`${ca}, serverName: localhost`, byAddress), 'nobody');
  assert.equal(await answer('insecureSkipVerify: true'), 'nobody');
  await assert.rejects(answer(''), /certificate/);
  await assert.rejects(answer(ca.replace('root.crt', 'web.crt')), /certificate/);
  await assert.rejects(answer(`${ca}, serverName: other.test`), /other\.test|altnames/);
});

test('what is wrong with TLS is said in words', async (context) => {
  const url = await listen(context, (_request, response) => response.end());
  await assert.rejects(
    open(context, '{}')(url.replace('http:', 'https:')),
    /: TLS: wrong version number; does the server speak http:\/\/ there\?$/,
  );
  assert.throws(() => open(context, '{ tls: { ca: /nowhere.pem } }'), {
    code: 'ERR_CONFIG',
    message: /^tls\.ca: cannot read \/nowhere\.pem: ENOENT/,
  });
});

test('an authority that changes on disk is used for the next request', async (context) => {
  const url = await listen(context, (_request, response) => response.end('well'), true);
  const folder = mkdtempSync(join(tmpdir(), 'podmates-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, pem('web.crt'));
  const request = open(context, `{ tls: { ca: "${ca}" } }`);
  await assert.rejects(request(url), /certificate/);
  writeFileSync(ca, pem('root.crt'));
  assert.equal((await request(url)).body.toString(), 'well');
});
