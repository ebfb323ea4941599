import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { projectRoot } from '../machine.ts';
import { prepareAppImages } from './app-images.ts';
import { type RunningPod, runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

let api: KubernetesApi;
let prometheus: Prometheus;
let pod: RunningPod;

before(
  async () => {
    await buildImages();
    await prepareAppImages();
    api = await startKubernetesApi();
    prometheus = await startPrometheus({ apiServer: api.url });
    pod = await runPod(readFileSync(join(projectRoot, 'examples/pod/pod.yaml'), 'utf8'), { api });
  },
  { timeout: 900_000 },
);

after(async () => {
  await prometheus?.stop();
  await pod?.remove();
  await api?.close();
});

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** An expression as Grafana would send it with everything chosen. */
const filledIn = (expression: string) =>
  expression.replaceAll(/\$(namespace|pod)\b/g, '.*').replaceAll('$__rate_interval', '10s');

for (const file of globSync(join(projectRoot, 'k8s/monitoring/dashboards/*.json')).sort()) {
  test(`${basename(file)}: every panel shows something of a pod at work`, async () => {
    const { panels }: { panels: readonly Panel[] } = JSON.parse(readFileSync(file, 'utf8'));
    assert.ok(panels.length >= 5);
    const work = async () => {
      const ask = (headers: Record<string, string>) =>
        fetch(`http://${pod.ip}:7100/orders/`, { headers, signal: AbortSignal.timeout(5000) });
      await ask({});
      await ask({ 'x-api-key': 'try-me' });
    };
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        // There is no kube-state-metrics here, and no TLS: these must only be sound.
        const needed = !/\bkube_|_tls_/.test(expr);
        await awaitUntil(
          async () => {
            await work();
            return (await prometheus.query(filledIn(expr))).length > 0 || !needed;
          },
          { timeoutMs: 30_000, what: `data for "${title}": ${expr}` },
        );
      }
    }
  });
}
