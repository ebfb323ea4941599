import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { adapterSchema, lintPage } from '../../../sidecars/adapter/index.ts';
import { pushUrl } from '../../../sidecars/adapter/publish/push.ts';
import { awaitUntil } from '../../await-until.ts';
import { startAdapter, startServer } from '../running-adapter.ts';

const metrics = [{ counter: 'orders_total', help: 'Orders.', value: 'orders' }];

test('groups are named as the Pushgateway wants it', () => {
  const to = (job: string, grouping = {}) => pushUrl({ url: 'http://g/', job, grouping });
  assert.equal(to('nightly'), 'http://g/metrics/job/nightly');
  assert.equal(to('a b', { shard: '7' }), 'http://g/metrics/job/a%20b/shard/7');
  assert.equal(to('a/b', { empty: '' }), 'http://g/metrics/job@base64/YS9i/empty@base64/=');
});

test('the last values of an app that has ended are pushed at the end, with credentials', async () => {
  let orders = 1;
  const app = await startServer(() => ({ body: JSON.stringify({ orders: orders++ }) }));
  const gateway = await startServer(() => ({ status: 200, body: '' }));
  process.env['PUSH_TEST_PASSWORD'] = 'secret';
  const { container, url } = await startAdapter({
    sources: { app: { url: app.url, metrics } },
    push: {
      url: gateway.url,
      job: 'nightly',
      interval: '1h',
      auth: { basic: { username: 'me', password: { env: 'PUSH_TEST_PASSWORD' } } },
    },
  });
  await awaitUntil(() => gateway.received.length > 0, { what: 'the first push' });
  const own = await (await fetch(`${url}/metrics`)).text();
  assert.match(own, /^podmates_adapter_deliveries_total\{output="push",result="success"\} 1$/m);
  await app.close(); // the app of a Job is gone when its sidecars are told to stop
  const { left } = await container.stop();
  assert.deepEqual(left, []);
  const [first, last] = gateway.received;
  assert.equal(gateway.received.length, 2);
  assert.equal(last?.method, 'PUT');
  assert.equal(last?.path, '/metrics/job/nightly');
  assert.equal(last?.headers.authorization, `Basic ${btoa('me:secret')}`);
  assert.match(first?.body ?? '', /^orders_total 1$/m);
  assert.match(last?.body ?? '', /^orders_total \d$/m);
  assert.match(last?.body ?? '', /^podmates_adapter_last_success_timestamp_seconds \d+/m);
  assert.deepEqual(lintPage(last?.body ?? ''), []);
  await gateway.close();
});

test('a push that fails at the end is tried again', async () => {
  const app = await startServer(() => ({ body: '{"orders": 1}' }));
  let failures = 2;
  const gateway = await startServer(() => ({ status: failures-- > 0 ? 503 : 202, body: 'busy' }));
  const { container } = await startAdapter({
    sources: { app: { url: app.url, metrics } },
    push: { url: gateway.url, job: 'nightly', interval: '1h' },
  });
  await awaitUntil(() => gateway.received.length > 0, { what: 'the first push' });
  assert.deepEqual(await container.stop(), { left: [] });
  assert.equal(gateway.received.length, 3);
  await app.close();
  await gateway.close();
});

test('a page that the gateway refuses is told, and not sent again and again', async () => {
  const app = await startServer(() => ({ body: '{"orders": 1}' }));
  const gateway = await startServer(() => ({ status: 400, body: 'inconsistent metrics' }));
  const { container } = await startAdapter({
    sources: { app: { url: app.url, metrics } },
    push: { url: gateway.url, job: 'nightly', interval: '1h' },
  });
  await awaitUntil(() => gateway.received.length > 0, { what: 'the first push' });
  const { left } = await container.stop();
  assert.equal(left.length, 1);
  assert.match(left[0] ?? '', /400: inconsistent metrics/);
  assert.equal(gateway.received.length, 2);
  await app.close();
  await gateway.close();
});

test('the container is finished when the app is gone, if it was told so', async () => {
  const app = await startServer(() => ({ body: '{"orders": 1}' }));
  const gateway = await startServer(() => ({ body: '' }));
  const { container } = await startAdapter({
    sources: { app: { url: app.url, metrics } },
    push: { url: gateway.url, job: 'nightly', interval: '50ms', exitWhenGone: '100ms' },
  });
  await awaitUntil(() => gateway.received.length > 1, { what: 'two pushes' });
  await app.close();
  await container.finished;
  await container.stop();
  assert.match(gateway.received.at(-1)?.body ?? '', /^orders_total 1$/m);
  await gateway.close();
});

test('a .prom file is whole whenever it is there, and nothing is left beside it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'podmates-textfile-'));
  const path = join(directory, 'shop.prom');
  const app = await startServer(() => ({ body: '{"orders": 5}' }));
  const { container } = await startAdapter({
    sources: { app: { url: app.url, metrics } },
    textfile: { path, interval: '5ms' },
  });
  for (let turn = 0; turn < 20; turn++) {
    const text = await awaitUntil(() => readFile(path, 'utf8'), { what: path });
    assert.match(text, /^orders_total 5$/m);
    assert.ok(text.endsWith('\n'));
  }
  await container.stop();
  assert.deepEqual(await readdir(directory), ['shop.prom']);
  assert.deepEqual(lintPage(await readFile(path, 'utf8')), []);
  await app.close();
  await rm(directory, { recursive: true });
});

test('a reload pushes by the new config, and not a last time by the old one', async () => {
  const app = await startServer(() => ({ body: '{"orders": 1}' }));
  const gateway = await startServer(() => ({ body: '' }));
  const settings = (job: string) => ({
    sources: { app: { url: app.url, metrics } },
    push: { url: gateway.url, job, interval: '1h' },
  });
  const { container } = await startAdapter(settings('before'));
  await awaitUntil(() => gateway.received.length === 1, { what: 'the first push' });
  await container.reload(
    adapterSchema.parse({ admin: { listen: '127.0.0.1:0' }, ...settings('after') }),
  );
  await awaitUntil(() => gateway.received.length === 2, { what: 'a push after the reload' });
  await container.stop();
  const jobs = gateway.received.map(({ path }) => path.split('/').at(-1));
  assert.deepEqual(jobs, ['before', 'after', 'after']);
  await app.close();
  await gateway.close();
});

test('SIGTERM makes the command line push and exit 0', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'podmates-push-'));
  const app = await startServer(() => ({ body: '{"orders": 2}' }));
  const gateway = await startServer(() => ({ body: '' }));
  const file = join(directory, 'podmates.yaml');
  await writeFile(
    file,
    JSON.stringify({
      adapter: {
        admin: false,
        sources: { app: { url: app.url, metrics } },
        push: { url: gateway.url, job: 'nightly', interval: '1h' },
      },
    }),
  );
  const cli = join(import.meta.dirname, '../../../sidecars/cli/podmates.ts');
  const child = spawn(process.execPath, [cli, 'adapter', '-c', file], { stdio: 'ignore' });
  await awaitUntil(() => gateway.received.length > 0, {
    timeoutMs: 30_000,
    what: 'the first push',
  });
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.equal(gateway.received.length, 2);
  await app.close();
  await gateway.close();
  await rm(directory, { recursive: true });
});
