import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { installPackages, projectRoot } from '../machine.ts';
import { run } from '../run.ts';
import {
  type Receiver,
  startAlertmanager,
  startReceiver,
  writeImpatientRules,
} from './alertmanager.ts';
import { prepareAppImages } from './app-images.ts';
import { runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';
import { podObject } from './pod-object.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { type Server, startServer } from './server.ts';

const servers: Server[] = [];
let api: KubernetesApi;
let receiver: Receiver;
let prometheus: Prometheus;

const manifestOf = (name: string, file = 'pod.yaml') =>
  readFileSync(join(projectRoot, 'examples', name, file), 'utf8');
const portOf = (server: Server) => new URL(server.url).port;

before(
  async () => {
    await installPackages(
      'prometheus',
      'prometheus-alertmanager',
      'prometheus-pushgateway',
      'prometheus-node-exporter',
    );
    await buildImages();
    await prepareAppImages();
    api = await startKubernetesApi();
    receiver = await startReceiver();
    const alertmanager = await startAlertmanager(receiver);
    servers.push(alertmanager);
    prometheus = await startPrometheus({
      apiServer: api.url,
      alertmanager: new URL(alertmanager.url).host,
      rules: await writeImpatientRules(),
    });
  },
  { timeout: 900_000 },
);

after(async () => {
  await prometheus?.stop();
  for (const server of servers) await server.stop();
  await receiver?.close();
  await api?.close();
});

test('an app that dies is told of by a webhook, and so is its return', async () => {
  const pod = await runPod(manifestOf('adapter-json'), { api, namespace: 'shops' });
  try {
    await awaitUntil(
      async () => (await prometheus.query('podmates_adapter_source_up{source="worker"} == 1'))[0],
      { timeoutMs: 30_000, what: 'the worker is up' },
    );
    await pod.stop('worker');
    const told = (status: string) =>
      awaitUntil(
        () =>
          receiver.notifications
            .flatMap(({ alerts }) => alerts)
            .find(
              (alert) =>
                alert.status === status && alert.labels['alertname'] === 'PodmatesSourceDown',
            ),
        { timeoutMs: 60_000, what: `the alert is ${status}` },
      );
    const alert = await told('firing');
    const { namespace, pod: name, source, severity } = alert.labels;
    assert.deepEqual(
      [namespace, name, source, severity],
      ['shops', 'worker', 'worker', 'critical'],
    );
    assert.equal(alert.annotations['summary'], 'worker of shops/worker gives no stats');
    const [up] = await prometheus.query('up{pod="worker"}');
    assert.equal(up?.value, 1, 'the pod itself is well');
    assert.deepEqual(await prometheus.query('worker_jobs_total'), [], 'no old values');
    await pod.start('worker');
    await told('resolved');
  } finally {
    await pod.remove();
  }
});

test('what the adapter leaves for node exporter is scraped from the node', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-textfile-'));
  chmodSync(folder, 0o777);
  const exporter = await startServer(
    'prometheus-node-exporter',
    [
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ],
    '127.0.0.7',
  );
  servers.push(exporter);
  const mount = '- { name: podmates-config, mountPath: /etc/podmates, readOnly: true }';
  const pod = await runPod(manifestOf('adapter-json'), {
    api,
    replacements: [
      [
        '      prefix: worker_\n',
        '      prefix: worker_\n      textfile: { path: /textfile/worker.prom, interval: 1s }\n',
      ],
      [mount, `${mount}\n        - { name: textfile, mountPath: /textfile }`],
      [
        '    - name: podmates-config\n      configMap',
        `    - name: textfile\n      hostPath: { path: ${folder} }\n    - name: podmates-config\n      configMap`,
      ],
    ],
  });
  try {
    api.apply(
      'pods',
      podObject({
        namespace: 'monitoring',
        name: 'node-exporter',
        ip: '127.0.0.7',
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': portOf(exporter) },
        containers: [{ name: 'node-exporter' }],
      }),
    );
    const sample = await awaitUntil(
      async () => (await prometheus.query('worker_jobs_total{pod="node-exporter"} > 0'))[0],
      { timeoutMs: 30_000, what: 'the worker by way of the node' },
    );
    assert.equal(sample.labels['namespace'], 'monitoring');
    assert.deepEqual(readdirSync(folder), ['worker.prom'], 'nothing half written stays');
  } finally {
    await pod.remove();
  }
});

test('the rules of k8s/ pass promtool, and so do their tests', async () => {
  const folder = join(projectRoot, 'k8s/monitoring/prometheus/rules');
  for (const name of readdirSync(folder)) {
    await run('promtool', ['check', 'rules', join(folder, name)]);
  }
  await run('promtool', ['test', 'rules', join(import.meta.dirname, 'rules/podmates.test.yaml')]);
});
