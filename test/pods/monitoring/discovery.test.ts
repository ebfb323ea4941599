import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';
import { podObject } from './pod-object.ts';
import { type Prometheus, startPrometheus, type Target } from './prometheus.ts';

const pages: Server[] = [];
const asked = new Map<string, string>();
let api: KubernetesApi;
let prometheus: Prometheus;

/** Something to scrape at an address that plays the pod; remembers the last URL it was asked for. */
async function servePage(host: string): Promise<number> {
  const page = createServer((request, response) => {
    asked.set(host, request.url ?? '');
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end('# TYPE app_served_total counter\napp_served_total 1\n');
  });
  page.listen(0, host);
  await once(page, 'listening');
  pages.push(page);
  const address = page.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

before(async () => {
  api = await startKubernetesApi();
  prometheus = await startPrometheus({ apiServer: api.url });
});

after(async () => {
  await prometheus?.stop();
  await api?.close();
  for (const page of pages) {
    page.closeAllConnections();
    page.close();
  }
});

const targetsOf = async (pod: string): Promise<readonly Target[]> =>
  (await prometheus.targets()).filter(({ labels }) => labels['pod'] === pod);

const awaitTargets = (pod: string, count: number) =>
  awaitUntil(
    async () => {
      const targets = await targetsOf(pod);
      const well = targets.every(({ health }) => health === 'up');
      return targets.length === count && well ? targets : undefined;
    },
    { timeoutMs: 20_000, what: `${count} targets of ${pod} that are up` },
  );

test('an annotated pod is scraped at its port, path and parameters, and labelled', async () => {
  const port = await servePage('127.0.0.2');
  api.apply(
    'pods',
    podObject({
      namespace: 'shop',
      name: 'annotated',
      ip: '127.0.0.2',
      labels: { app: 'shop', 'app.kubernetes.io/part-of': 'store' },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(port),
        'prometheus.io/path': '/pod/metrics',
        'prometheus.io/param_source': 'app',
      },
      // Two declared ports, and one of them named as if it had a page of its own: still one target.
      containers: [
        { name: 'app', ports: [{ containerPort: 8080 }, { containerPort: 8081 }] },
        { name: 'log-tail', ports: [{ name: 'logtail-metrics', containerPort: port }] },
      ],
    }),
  );
  const [target] = await awaitTargets('annotated', 1);
  assert.equal(target?.job, 'kubernetes-pods');
  assert.equal(asked.get('127.0.0.2'), '/pod/metrics?source=app');
  const { namespace, app, node } = target?.labels ?? {};
  assert.deepEqual({ namespace, app, node }, { namespace: 'shop', app: 'shop', node: 'test-node' });
  assert.equal(target?.labels['app_kubernetes_io_part_of'], 'store');
  const [sample] = await awaitUntil(
    async () => {
      const samples = await prometheus.query('app_served_total{namespace="shop",app="shop"}');
      return samples.length > 0 && samples;
    },
    { what: 'a sample of the pod' },
  );
  assert.equal(sample?.value, 1);
});

test('a pod with an IPv6 address is scraped', async () => {
  const port = await servePage('::1');
  api.apply(
    'pods',
    podObject({
      name: 'six',
      ip: '::1',
      containers: [{ name: 'app' }],
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) },
    }),
  );
  const [target] = await awaitTargets('six', 1);
  assert.equal(target?.url, `http://[::1]:${port}/metrics`);
});

test('an annotated pod without a port is scraped on the ports it declares', async () => {
  const port = await servePage('127.0.0.3');
  api.apply(
    'pods',
    podObject({
      name: 'no-port',
      ip: '127.0.0.3',
      annotations: { 'prometheus.io/scrape': 'true' },
      containers: [{ name: 'app', ports: [{ containerPort: port }] }],
    }),
  );
  await awaitTargets('no-port', 1);
});

test('pods without an annotation are scraped on their metrics ports only, sidecars too', async () => {
  const app = await servePage('127.0.0.4');
  const adapter = await servePage('127.0.0.4');
  const sidecar = await servePage('127.0.0.4');
  const other = await servePage('127.0.0.4');
  api.apply(
    'pods',
    podObject({
      name: 'by-port-name',
      ip: '127.0.0.4',
      containers: [
        {
          name: 'app',
          ports: [
            { name: 'metrics', containerPort: app },
            { name: 'http', containerPort: other },
          ],
        },
        { name: 'adapter', ports: [{ name: 'adapter-metrics', containerPort: adapter }] },
      ],
      initContainers: [
        { name: 'log-tail', ports: [{ name: 'logtail-metrics', containerPort: sidecar }] },
      ],
    }),
  );
  const targets = await awaitTargets('by-port-name', 3);
  assert.deepEqual(targets.map(({ labels }) => labels['container']).sort(), [
    'adapter',
    'app',
    'log-tail',
  ]);
  assert.ok(targets.every(({ job }) => job === 'kubernetes-pods-metrics-ports'));
});

test('what is not to be scraped is no target', async () => {
  const port = await servePage('127.0.0.5');
  const metrics = [{ name: 'app', ports: [{ name: 'metrics', containerPort: port }] }];
  const at = { ip: '127.0.0.5', containers: metrics };
  const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) };
  api.apply(
    'pods',
    podObject({ ...at, name: 'said-no', annotations: { 'prometheus.io/scrape': 'false' } }),
  );
  api.apply('pods', podObject({ ...at, name: 'ended', annotations, phase: 'Succeeded' }));
  api.apply('pods', podObject({ ...at, name: 'pending', annotations, phase: 'Pending' }));
  api.apply('pods', podObject({ name: 'plain', ip: '127.0.0.5', containers: [{ name: 'app' }] }));
  // The watch keeps the order: when the one that comes last is there, the others have been judged.
  api.apply('pods', podObject({ ...at, name: 'last', annotations }));
  await awaitTargets('last', 1);
  for (const name of ['said-no', 'ended', 'pending', 'plain']) {
    assert.deepEqual(await targetsOf(name), [], name);
  }
});

test('a slow pod is scraped by the slow job alone', async () => {
  const port = await servePage('127.0.0.6');
  api.apply(
    'pods',
    podObject({
      name: 'slow',
      ip: '127.0.0.6',
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/scrape-slow': 'true',
        'prometheus.io/port': String(port),
      },
      containers: [{ name: 'app', ports: [{ name: 'metrics', containerPort: port }] }],
    }),
  );
  // Its first scrape may be five minutes away, so only discovery is looked at.
  const targets = await awaitUntil(
    async () => {
      const found = await targetsOf('slow');
      return found.length > 0 && found;
    },
    { timeoutMs: 20_000, what: 'the slow target' },
  );
  assert.deepEqual(
    targets.map(({ job }) => job),
    ['kubernetes-pods-slow'],
  );
});

test('a deleted pod goes away, and the pushgateway is found by its Service', async () => {
  api.remove('pods', 'default', 'six');
  await awaitTargets('six', 0);
  api.apply('services', {
    metadata: {
      namespace: 'monitoring',
      name: 'pushgateway',
      annotations: { 'prometheus.io/probe': 'pushgateway' },
    },
    spec: { ports: [{ name: 'http', port: 9091 }], type: 'ClusterIP', clusterIP: '10.0.0.9' },
  });
  const target = await awaitUntil(
    async () => (await prometheus.targets()).find(({ job }) => job === 'prometheus-pushgateway'),
    { timeoutMs: 20_000, what: 'the pushgateway' },
  );
  assert.equal(target.url, 'http://pushgateway.monitoring.svc:9091/metrics');
});
