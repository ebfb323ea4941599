import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { projectRoot } from '../machine.ts';
import { run } from '../run.ts';
import { prepareAppImages } from './app-images.ts';
import { type RunningPod, runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';

let api: KubernetesApi;
let pod: RunningPod;
const mates = ['log-tail', 'ambassador', 'adapter'];
const small = 'limits: { memory: 96Mi, cpu: 100m }';

before(
  async () => {
    await buildImages();
    await prepareAppImages();
    api = await startKubernetesApi();
    const text = readFileSync(join(projectRoot, 'examples/pod/pod.yaml'), 'utf8');
    const limited = text.replaceAll('limits: { memory: 192Mi }', small);
    assert.equal(limited.split(small).length - 1, mates.length, 'each container has its limits');
    pod = await runPod(limited, { api });
  },
  { timeout: 900_000 },
);

after(async () => {
  await pod?.remove();
  await api?.close();
});

const inspect = (container: string, format: string) =>
  run('podman', ['inspect', '--format', format, `${pod.name}-${container}`]);

test('each container does its job inside 96 MiB and a tenth of a core', async (t) => {
  for (const name of mates) {
    assert.equal(await inspect(name, '{{.HostConfig.Memory}}'), String(96 * 1024 ** 2));
  }
  const headers = { 'x-api-key': 'try-me' };
  const order = async () => {
    const init = { method: 'POST', headers, signal: AbortSignal.timeout(10_000) };
    return (await fetch(`http://${pod.ip}:7100/orders/`, init)).status;
  };
  for (let number = 0; number < 100; number++) assert.equal(await order(), 201);
  const page = await (await fetch(`http://${pod.ip}:7103/metrics`)).text();
  const taken = Number(/^shop_orders_total (\d+)/m.exec(page)?.[1]);
  assert.ok(taken >= 100, `${taken} orders on the page`);
  await awaitUntil(async () => (await pod.logs('log-tail')).includes('order 100 taken'), {
    timeoutMs: 30_000,
    what: 'the last line came out',
  });
  for (const name of mates) {
    assert.equal(pod.restarts(name), 0, `${name} was never started again`);
    assert.equal(await inspect(name, '{{.State.OOMKilled}}'), 'false');
    const memory = await run('podman', [
      ...['stats', '--no-stream', '--format', '{{.MemUsage}}', `${pod.name}-${name}`],
    ]);
    t.diagnostic(`${name}: ${memory}`);
  }
});
