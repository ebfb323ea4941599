import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { containerOf, type JsonMap } from '../../../sidecars/cli/inject/containers.ts';
import { injectManifest, type ManifestOptions } from '../../../sidecars/cli/inject/manifest.ts';
import { removeMarked } from '../../../sidecars/cli/inject/marks.ts';
import { readShippedConfig } from '../../../sidecars/cli/inject/shipped-config.ts';
import { kindNames } from '../../../sidecars/cli/kinds.ts';

const folder = join(import.meta.dirname, 'manifests');
const manifests = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
}));
const configText = '# all three\nlogTail: {}\nambassador: {}\n\nadapter:\n  prefix: shop_\n';
const config = readShippedConfig(configText, 'podmates.yaml');
const all: ManifestOptions = {
  containers: kindNames,
  configMap: 'podmates',
  logs: ['/var/log/app'],
  native: true,
  image: 'podmates/{}:1.2.3',
  ports: config.ports,
  config,
};

const toLf = (text: string) => text.replaceAll('\r\n', '\n');
const forms: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'with the line ends of Windows': (text) => toLf(text).replaceAll('\n', '\r\n'),
  'with the line ends of Unix': toLf,
  'without a last line end': (text) => text.trimEnd(),
};

interface Pod {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string }[];
  };
}
type Container = JsonMap & { readonly name: string; readonly volumeMounts?: readonly JsonMap[] };

/** Every object of a file, those in lists too, with the pods that the file says they make. */
function read(text: string): { objects: JsonMap[]; pods: Pod[] } {
  const documents = parseAllDocuments(text);
  const objects = [...documents].flatMap((document) => {
    assert.deepEqual(document.errors, []);
    const object = document.toJS();
    if (object === null) return [];
    const listed = /^(\w*)List$/.exec(object.kind);
    if (listed === null) return [object];
    return object.items.map((item: JsonMap) => ({ kind: listed[1], ...item }));
  });
  const pods = objects.flatMap((object) => {
    if (object.metadata?.annotations?.['podmates.dev/skip'] === 'true') return [];
    if (object.kind === 'Pod') return [object];
    if (object.kind === 'CronJob') return [object.spec.jobTemplate.spec.template];
    return object.spec?.template === undefined ? [] : [object.spec.template];
  });
  return { objects, pods };
}

const unmarked = (text: string) => read(text).objects;

test('there are twenty manifests to try', () => assert.ok(manifests.length >= 20));

for (const { name, text } of manifests) {
  for (const [form, make] of Object.entries(forms)) {
    test(`${name}, ${form}: injected twice is injected once, removed is the original`, () => {
      const original = make(text);
      const once = injectManifest(original, name, all).text;
      assert.notEqual(once, original);
      assert.equal(injectManifest(once, name, all).text, once);
      assert.equal(removeMarked(once), original);
    });
  }

  test(`${name}: every pod gets the three containers and keeps all it had`, () => {
    const { text: changed, workloads } = injectManifest(text, name, all);
    const before = read(text);
    const { pods, objects } = read(changed);
    assert.equal(workloads, before.pods.length);
    assert.equal(pods.length, before.pods.length);
    for (const [index, pod] of pods.entries()) {
      const old = before.pods[index];
      const names = pod.spec.initContainers?.map((container) => container.name);
      const oldNames = old?.spec.initContainers?.map((container) => container.name) ?? [];
      const mates = [...kindNames];
      assert.deepEqual(names?.toSorted(), [...mates, ...oldNames].toSorted());
      assert.deepEqual(
        pod.spec.containers.map(({ volumeMounts: _, ...rest }) => rest),
        old?.spec.containers.map(({ volumeMounts: _, ...rest }) => rest),
      );
      assert.equal(pod.metadata.annotations?.['prometheus.io/port'], '7103');
      const volumes = pod.spec.volumes?.map((volume) => volume.name) ?? [];
      assert.equal(new Set(volumes).size, volumes.length);
      const mounts = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(
        ({ volumeMounts }) => (volumeMounts ?? []).map((mount) => String(mount['name'])),
      );
      const claims = name === 'statefulset.yaml' ? ['data'] : [];
      for (const mount of mounts) assert.ok([...volumes, ...claims].includes(mount), mount);
    }
    const configMaps = objects.filter(
      (object) => object['kind'] === 'ConfigMap' && JSON.stringify(object).includes('shop_'),
    );
    for (const object of configMaps) {
      assert.deepEqual(object['data'], { 'podmates.yaml': configText });
    }
    assert.ok(configMaps.length > 0);
  });
}

const nameOf = (name: string) => readFileSync(join(folder, `${name}.yaml`), 'utf8');

test('plain containers stand behind the app', () => {
  const { text } = injectManifest(nameOf('deployment-init-containers'), 'f', {
    ...all,
    native: false,
  });
  const [pod] = read(text).pods;
  assert.deepEqual(
    pod?.spec.containers.map(({ name, restartPolicy }) => [name, restartPolicy]),
    [
      ['api', undefined],
      ['log-tail', undefined],
      ['ambassador', undefined],
      ['adapter', undefined],
    ],
  );
  assert.equal(removeMarked(text), nameOf('deployment-init-containers'));
});

test('native sidecars start before the init containers that were there', () => {
  const { text } = injectManifest(nameOf('deployment-init-containers'), 'f', all);
  const [pod] = read(text).pods;
  assert.deepEqual(
    pod?.spec.initContainers?.map(({ name }) => name),
    ['log-tail', 'ambassador', 'adapter', 'wait-for-db', 'migrate'],
  );
});

test('a volume that the app writes its logs to is shared, not covered', () => {
  const { text } = injectManifest(nameOf('deployment-logs-volume'), 'f', all);
  const [pod] = read(text).pods;
  const logTail = pod?.spec.initContainers?.find(({ name }) => name === 'log-tail');
  assert.deepEqual(logTail?.volumeMounts?.at(-1), {
    name: 'var-log',
    mountPath: '/var/log',
    readOnly: true,
  });
  assert.equal(pod?.spec.containers[0]?.volumeMounts?.length, 2);
});

test('an annotation with another port is replaced, kept as a comment, and pointed out', () => {
  const { text, hints } = injectManifest(nameOf('deployment-annotated'), 'f', all);
  assert.match(text, /prometheus\.io\/port: "7103" # podmates:was "9102" # the app's own page\r\n/);
  assert.match(hints.join(), /port 9102; add that page to adapter\.sources/);
  const without = injectManifest(nameOf('deployment-annotated'), 'f', {
    ...all,
    containers: ['log-tail'],
  });
  assert.match(without.hints.join(), /inject the adapter too/);
});

test('the ConfigMap goes where the workloads are, once for each namespace', () => {
  const { text } = injectManifest(nameOf('several-documents'), 'f', all);
  const made = unmarked(text).filter((object) => {
    const data = object['data'];
    return typeof data === 'object' && data !== null && 'podmates.yaml' in data;
  });
  assert.deepEqual(
    made.map((object) => object['metadata']),
    [{ name: 'podmates', namespace: 'shop' }],
  );
});

test('ports are those of the config', () => {
  const own = readShippedConfig(
    [
      'ambassador:',
      '  listen: "${LISTEN:-:8443}"',
      '  admin: false',
      'adapter:',
      '  admin: { listen: "0.0.0.0:9000" }',
      'logTail:',
      '  inputs:',
      '    app: { paths: ["${DIR:-/srv/logs}/*.log", /srv/logs/sub/x.log] }',
    ].join('\n'),
    'podmates.yaml',
  );
  assert.equal(own.ports.ambassador, 8443);
  assert.deepEqual(own.ports.admin, { 'log-tail': 7101, ambassador: undefined, adapter: 9000 });
  assert.deepEqual(own.logs, ['/srv/logs', '/srv/logs/sub']);
  assert.equal(
    containerOf('ambassador', { ...all, ports: own.ports, mounts: [] })['startupProbe'],
    undefined,
  );
});

const refused: readonly (readonly [string, RegExp, string, Partial<ManifestOptions>?])[] = [
  ['broken YAML', /^f:3:8: Flow sequence[^\n]*$/, 'kind: Pod\nmetadata: {name: a}\nspec: [}\n'],
  ['JSON', /write it as YAML/, '{"kind": "Pod", "spec": {"containers": [{"name": "a"}]}}'],
  [
    'a pod without containers',
    /f: Pod a: has no containers/,
    'kind: Pod\nmetadata: {name: a}\nspec: {}\n',
  ],
  [
    'a container of the same name',
    /has a "adapter" of its own/,
    'kind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: adapter\n',
  ],
  [
    'a Job with plain containers',
    /would never complete/,
    'kind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n',
    { native: false },
  ],
  [
    'volumes that are an alias',
    /^f:5: volumes is the alias \*v/,
    'kind: Pod\nmetadata: {name: a}\nx: &v [{name: v}]\nspec:\n  volumes: *v\n  containers:\n    - name: a\n',
  ],
  [
    'volumes that others share',
    /^f:4: volumes is shared as \*v/,
    'kind: Pod\nmetadata: {name: a}\nspec:\n  volumes: &v [{name: v}]\n  containers:\n    - name: a\nx: *v\n',
  ],
  [
    'volumes out of a merge',
    /volumes comes from a merge/,
    'kind: Pod\nmetadata: {name: a}\nx: &b\n  volumes: []\nspec:\n  <<: *b\n  containers:\n    - name: a\n',
  ],
];

for (const [what, message, text, more] of refused) {
  test(`refused with a reason: ${what}`, () => {
    assert.throws(() => injectManifest(text, 'f', { ...all, ...more }), { message });
  });
}

test('the containers are those of the kustomize components', () => {
  for (const name of kindNames) {
    const file = join(import.meta.dirname, `../../../k8s/components/${name}/container.yaml`);
    const component = parse(readFileSync(file, 'utf8')).spec.template.spec.initContainers;
    const mounts =
      name === 'log-tail'
        ? [{ name: 'podmates-logs', mountPath: '/var/log/app', readOnly: true }]
        : [];
    const image = 'podmates/{}:0.1.0';
    assert.deepEqual(component, [containerOf(name, { ...all, image, mounts })], name);
  }
});
