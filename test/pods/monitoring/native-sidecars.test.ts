import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { installPackages, projectRoot } from '../machine.ts';
import { prepareAppImages } from './app-images.ts';
import { type RunningPod, runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';
import { type Server, startServer } from './server.ts';

const job = readFileSync(join(projectRoot, 'examples/job/job.yaml'), 'utf8');
let api: KubernetesApi;
let pushgateway: Server;

before(
  async () => {
    await installPackages('prometheus-pushgateway');
    await buildImages();
    await prepareAppImages();
    api = await startKubernetesApi();
    pushgateway = await startServer('prometheus-pushgateway', [], '0.0.0.0');
  },
  { timeout: 900_000 },
);

after(async () => {
  await pushgateway?.stop();
  await api?.close();
});

/** At the address of the bridge that pods hang on. */
const toPushgateway = () =>
  [
    'http://pushgateway.monitoring.svc:9091',
    `http://10.89.0.1:${new URL(pushgateway.url).port}`,
  ] as const;

const statusOf = (name: string) => {
  const found = api.list('pods').find(({ metadata }) => metadata.name === name);
  return found?.['status'] as { phase: string; conditions: { type: string; status: string }[] };
};
const isReady = (name: string) => statusOf(name)?.conditions[0]?.status === 'True';

/** Each began or ended no later than the one behind it. */
function assertOrder(moments: Readonly<Record<string, Date>>): void {
  const inOrder = Object.entries(moments).toSorted(([, a], [, b]) => a.getTime() - b.getTime());
  assert.deepEqual(
    inOrder.map(([name]) => name),
    Object.keys(moments),
    JSON.stringify(moments),
  );
}

test('the Job completes; its last figures and lines went out before its sidecars ended', async () => {
  // The app of the example, which first looks whether the containers in front of it are up.
  const looks = [7101, 7103].map((at) => `(await fetch('http://127.0.0.1:${at}/livez')).ok`);
  const first = "const folder = '/var/log/import';";
  const pod = await runPod(job, {
    api,
    namespace: 'batch',
    awaitReady: false,
    replacements: [
      toPushgateway(),
      [first, `if (!(${looks.join(' && ')})) process.exit(9);\n    ${first}`],
    ],
  });
  try {
    assert.equal(statusOf('import').phase, 'Running');
    assert.equal(await pod.completed(), 'Succeeded');
    assert.equal(statusOf('import').phase, 'Succeeded');
    const [logTail, adapter, app] = await Promise.all(
      ['log-tail', 'adapter', 'import'].map((one) => pod.state(one)),
    );
    assert.deepEqual([logTail?.exitCode, adapter?.exitCode, app?.exitCode], [0, 0, 0]);
    assert.ok(logTail && adapter && app);
    assertOrder({
      'log-tail starts': logTail.startedAt,
      'adapter starts': adapter.startedAt,
      'the app starts': app.startedAt,
      'the app ends': app.finishedAt,
      'adapter ends': adapter.finishedAt,
      'log-tail ends': logTail.finishedAt,
    });
    const page = await (await fetch(`${pushgateway.url}/metrics`)).text();
    assert.match(page, /^import_records\{[^}]*job="import",namespace="batch"\} 300$/m);
    assert.match(page, /^import_finished\{[^}]*\} 1$/m);
    const lines = (await pod.logs('log-tail')).match(/msg="record imported" record=\d+/g);
    assert.equal(lines?.length, 300);
    assert.equal(lines?.at(-1), 'msg="record imported" record=300');
  } finally {
    await pod.remove();
  }
});

test('a Job whose app fails has failed, and its last lines are there all the same', async () => {
  const pod = await runPod(job, {
    api,
    awaitReady: false,
    replacements: [toPushgateway(), ['report(300, true);', 'process.exit(3);']],
  });
  try {
    assert.equal(await pod.completed(), 'Failed');
    assert.equal(pod.restarts('import'), 0, 'restartPolicy: Never');
    assert.equal((await pod.state('import')).exitCode, 3);
    assert.match(await pod.logs('log-tail'), /msg="record imported" record=300/);
  } finally {
    await pod.remove();
  }
});

/** A pod of small programs, each of which shows one of the rules that the runner follows. */
const slow = `
apiVersion: v1
kind: Pod
metadata: { name: slow }
spec:
  terminationGracePeriodSeconds: 20
  initContainers:
    - name: migrate
      image: &node docker.io/library/node:26-bookworm-slim
      command: [node, -e, "fs.writeFileSync('/shared/migrated', '')"]
      volumeMounts: &shared [{ name: shared, mountPath: /shared }]
    - name: mate
      image: *node
      restartPolicy: Always
      command: [node, -e, "
          const has = (file) => fs.existsSync('/shared/' + file);
          if (!has('migrated')) process.exit(8);
          const up = () => http.createServer((request, response) => {
            const well = request.url !== '/readyz' || has('ready');
            response.writeHead(well ? 200 : 503).end();
          }).listen(7999);
          setTimeout(up, 2000);
          process.once('SIGTERM', () => process.exit(0));"]
      ports: [{ name: mate, containerPort: 7999 }]
      startupProbe: { httpGet: { path: /livez, port: mate }, periodSeconds: 1, failureThreshold: 30 }
      readinessProbe: { httpGet: { path: /readyz, port: mate } }
      volumeMounts: *shared
  containers:
    - name: app
      image: *node
      command: [node, -e, "
          fetch('http://127.0.0.1:7999/livez').catch(() => process.exit(9));
          setInterval(() => {}, 1000);
          process.once('SIGTERM', () => setTimeout(() => process.exit(0), 500));"]
      volumeMounts: *shared
  volumes: [{ name: shared, emptyDir: {} }]
`;

const play = (): Promise<RunningPod> => runPod(slow, { api, awaitReady: false });

test('the app waits for the init containers and the startup probe of a sidecar', async () => {
  const pod = await play();
  try {
    const [migrate, mate, app] = await Promise.all(
      ['migrate', 'mate', 'app'].map((one) => pod.state(one)),
    );
    assert.ok(migrate && mate && app);
    assert.equal(migrate.exitCode, 0);
    assertOrder({
      'the init container ends': migrate.finishedAt,
      'the sidecar starts': mate.startedAt,
      'the app starts': app.startedAt,
    });
    assert.ok(app.startedAt.getTime() - mate.startedAt.getTime() >= 2000, 'the probe was awaited');
    assert.equal(app.running, true, 'it found the sidecar up');
  } finally {
    await pod.remove();
  }
});

test('the pod is ready when its sidecar is, and no longer than that', async () => {
  const pod = await play();
  try {
    assert.equal(isReady('slow'), false);
    const file = join(pod.volume('shared'), 'ready');
    await writeFile(file, '');
    await awaitUntil(() => isReady('slow'), { what: 'the pod is ready' });
    await rm(file);
    await awaitUntil(() => !isReady('slow'), { what: 'the pod is not ready' });
  } finally {
    await pod.remove();
  }
});

test('a sidecar that dies is started again beside the app, and ends after it', async () => {
  const pod = await play();
  const began = (await pod.state('app')).startedAt;
  try {
    await pod.crash('mate');
    await awaitUntil(async () => pod.restarts('mate') === 1 && (await pod.state('mate')).running, {
      what: 'the sidecar runs again',
    });
    assert.deepEqual((await pod.state('app')).startedAt, began, 'the app was left alone');
    await pod.terminate();
    const [app, mate] = [await pod.state('app'), await pod.state('mate')];
    assert.deepEqual([app.exitCode, mate.exitCode], [0, 0]);
    assertOrder({ 'the app ends': app.finishedAt, 'the sidecar ends': mate.finishedAt });
    assert.equal(pod.restarts('mate'), 1, 'what is told to end stays ended');
  } finally {
    await pod.remove();
  }
});
