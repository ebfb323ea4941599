import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { projectRoot } from '../machine.ts';
import { prepareAppImages } from './app-images.ts';
import { type RunningPod, runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';

let api: KubernetesApi;
let pod: RunningPod;
const key = { 'x-api-key': 'try-me' };

before(
  async () => {
    await buildImages();
    await prepareAppImages();
    api = await startKubernetesApi();
    pod = await runPod(readFileSync(join(projectRoot, 'examples/pod/pod.yaml'), 'utf8'), { api });
    await awaitUntil(async () => (await get(7100, '/health')).ok, { what: 'the shop is open' });
  },
  { timeout: 900_000 },
);

after(async () => {
  await pod?.remove();
  await api?.close();
});

const get = (port: number, path: string, init: RequestInit = {}) =>
  fetch(`http://${pod.ip}:${port}${path}`, { ...init, signal: AbortSignal.timeout(5000) });

const order = async () => (await get(7100, '/orders/', { method: 'POST', headers: key })).status;

async function crashAndAwait(container: string, port: number): Promise<void> {
  await pod.crash(container);
  await awaitUntil(() => pod.restarts(container) > 0, {
    timeoutMs: 30_000,
    what: `${container} was started again`,
  });
  await awaitUntil(async () => (await get(port, '/readyz')).ok, {
    timeoutMs: 30_000,
    what: `${container} is ready again`,
  });
}

/** Lines that the app has written, in all files that rotation left. */
function writtenLines(): string[] {
  const files = globSync(join(pod.volume('logs'), '*'));
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
}

test('log-tail that is killed loses no line', async () => {
  for (let number = 0; number < 20; number += 1) await order();
  await crashAndAwait('log-tail', 7101);
  for (let number = 0; number < 20; number += 1) await order();
  await awaitUntil(
    async () => {
      const said = new Set((await pod.logs('log-tail')).split('\n'));
      const written = writtenLines();
      return written.length >= 40 && written.every((line) => said.has(line));
    },
    { timeoutMs: 30_000, what: 'every line came out' },
  );
});

test('an ambassador that is killed lets the right ones in again, and only them', async () => {
  assert.equal(await order(), 201);
  await crashAndAwait('ambassador', 7102);
  assert.equal(await order(), 201);
  assert.equal((await get(7100, '/orders/')).status, 401);
});

test('an adapter that is killed has its page again', async () => {
  await crashAndAwait('adapter', 7103);
  const page = await (await get(7103, '/metrics')).text();
  assert.match(page, /^shop_orders_total \d+/m);
  assert.match(page, /^podmates_adapter_source_up\{source="shop"\} 1$/m);
});

test('an app that is killed is seen as down, and as up when it is back', async () => {
  await pod.crash('shop');
  await awaitUntil(() => pod.restarts('shop') > 0, {
    timeoutMs: 30_000,
    what: 'the shop was started again',
  });
  await awaitUntil(
    async () => {
      const page = await (await get(7103, '/metrics')).text();
      return /^podmates_adapter_source_up\{source="shop"\} 1$/m.test(page);
    },
    { timeoutMs: 30_000, what: 'the shop answers again' },
  );
  assert.equal(await order(), 201);
});
