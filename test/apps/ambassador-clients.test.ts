import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type ContainerProcess, startContainer } from '../container-process.ts';
import { installPackages } from './install.ts';

// The programs that people really use, over each protocol, through a running ambassador.
const run = promisify(execFile);
const certificates = join(import.meta.dirname, '../ambassador/authenticate/certificates');
const ca = join(certificates, 'root.crt');

const app = createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => response.write(`data: ${++count}\n\n`), 500);
    response.on('close', () => clearInterval(timer));
    return;
  }
  let length = 0;
  request.on('data', (bytes: Buffer) => {
    length += bytes.length;
  });
  request.on('end', () => response.end(`${request.method} ${length}\n`));
});

let container: ContainerProcess;
let https: string;
let plain: ContainerProcess;
let admin: string;

before(async () => {
  installPackages('curl', 'nghttp2-client');
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const config = (front: string) => `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  ${front}
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  limits: {body: 2GiB}
  shutdown: {delay: 0ms}
  routes: [{path: /**, public: true}]
`;
  const tls = `tls: {cert: ${certificates}/localhost.crt, key: ${certificates}/localhost.key}`;
  container = await startContainer('ambassador', config(tls));
  plain = await startContainer('ambassador', config('h2c: true'));
  https = `https://localhost:${container.addresses['http']?.split(':').at(-1)}`;
  admin = `http://${container.addresses['admin']}`;
});
after(async () => {
  await Promise.all([container?.stop(), plain?.stop()]);
  app.closeAllConnections();
  app.close();
});

const curl = async (...args: readonly string[]) =>
  (await run('curl', ['--silent', '--show-error', '--fail', '--cacert', ca, ...args])).stdout;

async function residentMiB(): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return (
    Number(/^process_resident_memory_bytes\{container="ambassador"\} (\S+)/m.exec(text)?.[1]) /
    2 ** 20
  );
}

for (const version of ['--http1.1', '--http2']) {
  test(`curl ${version}: GET, HEAD, POST, and an upload of 1 GiB with flat memory`, async (context) => {
    assert.equal(await curl(version, https), 'GET 0\n');
    assert.match(
      await curl(version, '--head', https),
      version === '--http2' ? /^HTTP\/2 200/ : /^HTTP\/1\.1 200/,
    );
    assert.equal(await curl(version, '--data', 'hello', https), 'POST 5\n');
    const before = await residentMiB();
    let highest = before;
    const watch = setInterval(async () => {
      highest = Math.max(highest, await residentMiB());
    }, 250);
    const command = `head -c 1073741824 /dev/zero | curl -sS --fail --cacert ${ca} ${version} -T - ${https}/up`;
    const { stdout } = await run('sh', ['-c', command]);
    clearInterval(watch);
    assert.equal(stdout, 'PUT 1073741824\n');
    context.diagnostic(`${before.toFixed(0)} MiB before, at most ${highest.toFixed(0)} MiB`);
    assert.ok(highest < before + 100, `grew from ${before} to ${highest} MiB`);
  });
}

test('nghttp and h2load: streams side by side, none failed', async () => {
  const { stdout } = await run('nghttp', ['--no-verify-peer', '-nv', `${https}/a`, `${https}/b`]);
  assert.equal(stdout.match(/:status: 200/g)?.length, 2);
  const load = await run('h2load', ['-n', '20000', '-c', '10', '-m', '20', `${https}/`]);
  assert.match(load.stdout, /20000 succeeded, 0 failed, 0 errored, 0 timeout/);
});

test('h2c: curl, nghttp and h2load by prior knowledge, beside HTTP/1.1', async () => {
  const http = `http://${plain.addresses['http']}`;
  const args = ['-sS', '--fail', '--data', 'hello', '-w', '%{http_version}', http];
  assert.equal((await run('curl', ['--http2-prior-knowledge', ...args])).stdout, 'POST 5\n2');
  assert.equal((await run('curl', ['--http1.1', ...args])).stdout, 'POST 5\n1.1');
  assert.equal((await run('curl', ['--http2', ...args])).stdout, 'POST 5\n1.1', 'no upgrade');
  const { stdout } = await run('nghttp', ['-nv', `${http}/a`, `${http}/b`]);
  assert.equal(stdout.match(/:status: 200/g)?.length, 2);
  const load = await run('h2load', ['-n', '20000', '-c', '10', '-m', '20', `${http}/`]);
  assert.match(load.stdout, /20000 succeeded, 0 failed, 0 errored, 0 timeout/);
});

test('server-sent events for a minute arrive as they are sent', async () => {
  const events = await run('curl', [
    '-sS',
    '--no-buffer',
    '--cacert',
    ca,
    '--max-time',
    '60',
    `${https}/events`,
  ])
    .then(({ stdout }) => stdout)
    .catch((error: { stdout?: string }) => error.stdout ?? ''); // curl ends with 28: the time is over
  const count = events.match(/^data: \d+$/gm)?.length ?? 0;
  assert.ok(count > 90, `${count} events`);
});
