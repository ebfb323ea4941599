import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';
import { runPodmates } from './run-podmates.ts';

/** An app that answers `{"answer": 42}` to everything. */
const app = createServer((_request, response) => response.end('{"answer": 42}'));
let appUrl = '';

before(async () => {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
});

after(() => {
  app.closeAllConnections();
  app.close();
});

const adapterConfig = (metric: string) => `
adapter:
  admin: {listen: "127.0.0.1:0"}
  sources:
    app:
      url: ${appUrl}/stats
      metrics: [{gauge: ${metric}, value: answer}]
`;

async function startAdapter(t: TestContext): Promise<ContainerProcess> {
  const adapter = await startContainer('adapter', adapterConfig('first_answer'));
  t.after(() => adapter.stop('SIGKILL'));
  return adapter;
}

async function page({ addresses }: ContainerProcess, path = 'metrics'): Promise<string> {
  return (await fetch(`http://${addresses['admin']}/${path}`)).text();
}

const awaitPage = (adapter: ContainerProcess, text: string) =>
  awaitUntil(async () => (await page(adapter)).includes(text), { what: text });

test('a changed file is put in force', async (t) => {
  const adapter = await startAdapter(t);
  assert.match(await page(adapter), /^first_answer 42$/m);
  await writeFile(adapter.file, adapterConfig('second_answer'));
  await awaitPage(adapter, '\nsecond_answer 42\n');
  assert.match(await page(adapter), /^podmates_config_reloads_total\{result="success"\} 1$/m);
});

test('SIGHUP reads the file again', async (t) => {
  const adapter = await startAdapter(t);
  adapter.child.kill('SIGHUP');
  await awaitPage(adapter, 'podmates_config_reloads_total{result="success"} 1');
});

test('a bad file keeps the old config in force, and both log and metrics say so', async (t) => {
  const adapter = await startAdapter(t);
  await writeFile(adapter.file, adapterConfig('first_answer').replace('value:', 'valeu:'));
  await awaitPage(adapter, 'podmates_config_reloads_total{result="error"} 1');
  const text = await page(adapter);
  assert.match(text, /^podmates_config_last_reload_successful 0$/m);
  assert.match(text, /^first_answer 42$/m);
  const said = adapter.diagnostics.map(({ msg }) => String(msg)).join('\n');
  assert.ok(said.includes(`${adapter.file}:7:`), said);
  assert.match(said, /the old one stays in force: .*did you mean "value"/);
  await writeFile(adapter.file, adapterConfig('mended_answer'));
  await awaitPage(adapter, '\nmended_answer 42\n');
  assert.match(await page(adapter), /^podmates_config_last_reload_successful 1$/m);
});

test("a ConfigMap's update, the swap of its ..data link, is put in force", async (t) => {
  const volume = await mkdtemp(join(tmpdir(), 'podmates-configmap-'));
  t.after(() => rm(volume, { recursive: true }));
  for (const [generation, metric] of Object.entries({ '..1': 'old_answer', '..2': 'new_answer' })) {
    await mkdir(join(volume, generation));
    await writeFile(join(volume, generation, 'podmates.yaml'), adapterConfig(metric));
  }
  await symlink('..1', join(volume, '..data'));
  await symlink('..data/podmates.yaml', join(volume, 'podmates.yaml'));
  const adapter = await startContainer('adapter', '', { file: join(volume, 'podmates.yaml') });
  t.after(() => adapter.stop('SIGKILL'));
  assert.match(await page(adapter), /^old_answer 42$/m);
  await symlink('..2', join(volume, '..data_tmp'));
  await rename(join(volume, '..data_tmp'), join(volume, '..data'));
  await awaitPage(adapter, '\nnew_answer 42\n');
});

test('the admin server answers at every promised address', async (t) => {
  const adapter = await startAdapter(t);
  assert.deepEqual(JSON.parse(await page(adapter, 'livez')), { alive: true });
  assert.equal(JSON.parse(await page(adapter, 'readyz')).ready, true);
  assert.equal(JSON.parse(await page(adapter, 'config')).sources.app.url, `${appUrl}/stats`);
  assert.match(await page(adapter, ''), /^<!doctype html>/);
  assert.equal(typeof JSON.parse(await page(adapter, 'status')).sections, 'object');
  assert.equal((await fetch(`http://${adapter.addresses['admin']}/other`)).status, 404);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends a container with 0`, async (t) => {
    const adapter = await startAdapter(t);
    assert.equal(await adapter.stop(signal), 0);
  });
}

const ambassadorConfig = () => `
ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  upstream: ${appUrl}
  routes: [{path: /**, public: true}]
  shutdown: {delay: 30s, deadline: 60s}
`;

test('a second signal ends it at once, with 1', async (t) => {
  const ambassador = await startContainer('ambassador', ambassadorConfig());
  t.after(() => ambassador.stop('SIGKILL'));
  ambassador.child.kill('SIGTERM');
  const draining = async () =>
    (await fetch(`http://${ambassador.addresses['admin']}/readyz`)).status === 503;
  await awaitUntil(draining, { what: 'draining' });
  assert.equal(await ambassador.stop('SIGTERM'), 1);
});

test('run hosts every section of the file in one process', async (t) => {
  const config = ambassadorConfig().replace('30s', '0s') + adapterConfig('one_of_two');
  const both = await startContainer('run', config);
  t.after(() => both.stop('SIGKILL'));
  const started = () => both.diagnostics.filter(({ msg }) => / started$/.test(String(msg)));
  await awaitUntil(() => started().length === 2, { what: 'both started' });
  assert.deepEqual(
    started().map(({ container }) => container),
    ['ambassador', 'adapter'],
  );
  assert.equal(await both.stop(), 0);
});

test('a port that is taken ends the start with 1, and stops what had started', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-taken-'));
  t.after(() => rm(folder, { recursive: true }));
  const taken = new URL(appUrl).host;
  const config = ambassadorConfig() + adapterConfig('never').replace('127.0.0.1:0', taken);
  await writeFile(join(folder, 'podmates.yaml'), config);
  const { code, stderr } = await runPodmates(['run', '-c', join(folder, 'podmates.yaml')]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`podmates: adapter: cannot listen on ${taken}: .*EADDRINUSE`));
});

test('every error of the file keeps it from starting, with 2', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-wrong-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'podmates.yaml');
  await writeFile(file, 'ambassador:\n  upstream: 1\nadapter:\n  sources: 2\n');
  const { code, stderr } = await runPodmates(['run', '-c', file]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /podmates\.yaml:2:13: ambassador\.upstream: .*\n.*:4:12: adapter\.sources: /,
  );
});
