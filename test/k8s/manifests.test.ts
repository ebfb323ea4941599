import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { parse } from 'yaml';
import { embedFiles, exampleManifests, toPlain } from '../../examples/embed.ts';
import { valuesFiles } from '../../k8s/helm/write.ts';
import { injectManifest } from '../../sidecars/cli/inject/manifest.ts';
import { defaultPorts } from '../../sidecars/cli/inject/shipped-config.ts';
import { main } from '../../sidecars/cli/main.ts';
import { type KubernetesObject, objectsIn, projectRoot, readManifests } from './manifests.ts';
import { complaintOf, isOwnKind, typeComplaints } from './schemas.ts';

const manifests = readManifests();
const injected = objectsIn(
  injectManifest(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: a\n',
    'pod.yaml',
    {
      containers: ['log-tail', 'ambassador', 'adapter'],
      configMap: 'podmates',
      logs: ['/var/log/app'],
      native: true,
      image: 'podmates/{}:1',
      ports: defaultPorts,
    },
  ).text,
  'injected',
).map((object) => ({ file: 'injected', object }));

/** Patches say only what they add. */
const whole = [...manifests, ...injected].filter(
  ({ file, object }) => isOwnKind(object) && !file.startsWith('k8s/components/'),
);

test('every manifest is what the schemas of Kubernetes allow', async () => {
  assert.ok(whole.length > 60, `looked at ${whole.length} objects`);
  const wrong: string[] = [];
  for (const { file, object } of whole) {
    const complaint = await complaintOf(object);
    if (complaint) wrong.push(`${file}: ${object.kind} ${object.metadata?.name}: ${complaint}`);
  }
  assert.deepEqual(wrong, []);
});

test('no manifest has a field that Kubernetes does not know', async () => {
  assert.deepEqual(await typeComplaints(whole.map(({ object }) => object)), []);
});

test('the schemas and types notice what is wrong', async () => {
  const pod = (container: object): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'wrong' },
    spec: { containers: [{ name: 'a', ...container }] },
  });
  assert.match(String(await complaintOf(pod({ ports: [{ containerPort: 'x' }] }))), /integer/);
  const [complaint] = await typeComplaints([pod({ livenesProbe: {} })]);
  assert.match(String(complaint), /livenesProbe/);
});

for (const file of exampleManifests()) {
  const folder = dirname(file);
  const name = basename(folder);
  const text = readFileSync(file, 'utf8');

  test(`examples/${name}: the manifests hold the files beside them (node examples/embed.ts)`, () => {
    assert.equal(embedFiles(text, folder), text);
    if (basename(file) === 'job.yaml') return;
    assert.equal(readFileSync(join(folder, 'plain.yaml'), 'utf8'), toPlain(text));
  });

  test(`examples/${name}: podmates.yaml passes podmates check`, async () => {
    await assertChecks(join(folder, 'podmates.yaml'));
  });

  test(`examples/${name}: containers are restricted, bounded and probed`, () => {
    for (const { containers, grace } of podsIn(text, file)) {
      assert.ok(containers.length >= 1);
      assert.ok(Number(grace) >= 30, 'terminationGracePeriodSeconds');
      for (const container of containers) {
        const { securityContext, resources, image } = container;
        assert.deepEqual(
          { ...securityContext, runAsUser: undefined },
          {
            runAsNonRoot: true,
            runAsUser: undefined,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
        );
        assert.ok(resources?.limits?.memory && resources.requests?.cpu);
        if (!image.startsWith('podmates/')) continue;
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
          assert.ok(container[probe]?.httpGet, `${container.name} ${probe}`);
        }
      }
    }
  });
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly securityContext?: Record<string, unknown>;
  readonly resources?: { limits?: { memory?: string }; requests?: { cpu?: string } };
  readonly startupProbe?: { httpGet?: unknown };
  readonly readinessProbe?: { httpGet?: unknown };
  readonly livenessProbe?: { httpGet?: unknown };
}

function podsIn(text: string, file: string): { containers: Container[]; grace: unknown }[] {
  const pods = objectsIn(text, file).flatMap((object): Record<string, unknown>[] => {
    const json = JSON.parse(JSON.stringify(object));
    if (object.kind === 'Pod') return [json.spec];
    return json.spec?.template === undefined ? [] : [json.spec.template.spec];
  });
  assert.equal(pods.length, 1);
  return pods.map((spec) => ({
    grace: spec['terminationGracePeriodSeconds'],
    containers: [
      ...((spec['initContainers'] as Container[] | undefined) ?? []),
      ...(spec['containers'] as Container[]),
    ],
  }));
}

test('the config of the kustomize example passes podmates check', async () => {
  await assertChecks(join(projectRoot, 'k8s/example/podmates.yaml'));
});

async function assertChecks(file: string): Promise<void> {
  const said: string[] = [];
  const code = await main(['check', file], {
    print: () => {},
    complain: (line) => said.push(line),
    environment: {},
    input: Readable.from([]),
  });
  assert.deepEqual(said, []);
  assert.equal(code, 0);
}

for (const [name, make] of Object.entries(valuesFiles)) {
  test(`k8s/helm/${name} is made of the configuration and the rules (node k8s/helm/write.ts)`, () => {
    const text = readFileSync(join(projectRoot, 'k8s/helm', name), 'utf8');
    assert.deepEqual(parse(text), parse(make()));
  });
}
