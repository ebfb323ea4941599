import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleManifests } from '../../../examples/embed.ts';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { prepareAppImages } from './app-images.ts';
import { exampleCases } from './example-cases.ts';
import { runPod } from './kubelet.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts';
import type { Replacements } from './played-manifest.ts';
import { podObject } from './pod-object.ts';
import { type Prometheus, type Sample, startPrometheus } from './prometheus.ts';

const examples = join(import.meta.dirname, '../../../examples');
const serverToken = randomBytes(16).toString('hex');
let api: KubernetesApi;
let prometheus: Prometheus;

before(
  async () => {
    await buildImages();
    await prepareAppImages();
    const folder = await mkdtemp(join(tmpdir(), 'podmates-token-'));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, serverToken);
    // On every address: the ambassador asks it from inside a pod.
    api = await startKubernetesApi('0.0.0.0');
    api.tokens.set(serverToken, {
      username: 'system:serviceaccount:monitoring:prometheus',
      groups: ['system:serviceaccounts'],
      audiences: ['podmates-metrics'],
      mayGet: ['/metrics'],
    });
    prometheus = await startPrometheus({ apiServer: api.url, tokenFile });
  },
  { timeout: 900_000 },
);

after(async () => {
  await prometheus?.stop();
  await api?.close();
});

/** The API server as a pod sees it: at the address of the bridge that pods hang on. */
function withAddresses(replacements: Replacements = []): Replacements {
  const seenFromPods = api.url.replace('0.0.0.0', '10.89.0.1');
  return replacements.map(([from, to]) => [from, to.replace('http://API', seenFromPods)]);
}

/**
 * Each container ended by itself on SIGTERM, in the time that the manifest gives; with 0, but for
 * NATS, whose server ends with 1 whenever a signal ends it.
 */
function assertEndedWell(exitCodes: Readonly<Record<string, number | undefined>>): void {
  const failed = Object.entries(exitCodes).filter(
    ([name, code]) => code !== (name === 'nats' ? 1 : 0),
  );
  assert.deepEqual(failed, [], 'containers that did not end well');
}

const first = async (expression: string): Promise<Sample | undefined> =>
  (await prometheus.query(expression))[0];

test('every example with a pod is tried here', () => {
  const tried = exampleManifests().map((file) => basename(dirname(file)));
  assert.deepEqual(
    Object.keys(exampleCases).toSorted(),
    tried.filter((name) => name !== 'job').toSorted(),
  );
});

for (const [name, example] of Object.entries(exampleCases)) {
  test(`examples/${name}: runs, is found, is up, and its counter rises`, async () => {
    const manifest = readFileSync(join(examples, name, 'pod.yaml'), 'utf8');
    const pod = await runPod(manifest, {
      api,
      namespace: 'shops',
      replacements: withAddresses(example.replacements),
    });
    try {
      await example.work?.(pod);
      const up = await awaitUntil(async () => first(`up{pod="${pod.name}"} == 1`), {
        timeoutMs: 30_000,
        what: `${pod.name} is up`,
      });
      assert.equal(up.labels['job'], example.job ?? 'kubernetes-pods');
      assert.equal(up.labels['namespace'], 'shops');
      assert.equal(up.labels['app'], pod.name);
      assert.equal((await prometheus.query(`up{pod="${pod.name}"}`)).length, 1, 'counted twice');
      const before = await awaitUntil(async () => first(example.rises), {
        timeoutMs: 20_000,
        what: example.rises,
      });
      assert.equal(before.labels['pod'], pod.name);
      await example.work?.(pod);
      await awaitUntil(async () => ((await first(example.rises))?.value ?? 0) > before.value, {
        timeoutMs: 20_000,
        what: `${example.rises} rises above ${before.value}`,
      });
      for (const expression of example.gives ?? []) {
        await awaitUntil(async () => (await prometheus.query(expression)).length > 0, {
          timeoutMs: 20_000,
          what: expression,
        });
      }
      assertEndedWell(await pod.terminate());
    } finally {
      await pod.remove();
    }
  });

  test(`examples/${name}: its plain form becomes ready, does the same, and ends well`, async () => {
    const manifest = readFileSync(join(examples, name, 'plain.yaml'), 'utf8');
    const replacements = withAddresses(example.replacements);
    const pod = await runPod(manifest, { api, namespace: 'shops', replacements });
    try {
      await example.work?.(pod);
      assertEndedWell(await pod.terminate());
    } finally {
      await pod.remove();
    }
  });
}

test('a pod that was deleted is no target, and one without annotations never was', async () => {
  api.apply('pods', podObject({ name: 'plain', ip: '127.0.0.9', containers: [{ name: 'app' }] }));
  const pods = await awaitUntil(
    async () => {
      const names = (await prometheus.targets()).map(({ labels }) => labels['pod']);
      return names.includes('press') ? undefined : names;
    },
    { timeoutMs: 20_000, what: 'the last pod is gone' },
  );
  assert.deepEqual(pods, []);
});
