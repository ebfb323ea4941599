import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { awaitUntil } from '../await-until.ts';
import { buildImages, imageOf, type Target, targets } from './images.ts';
import { attempt, run } from './run.ts';

before(buildImages, { timeout: 900_000 });

const config = `
logTail:
  state: /var/lib/podmates/log-tail
  inputs: {app: {paths: [/var/lib/podmates/*.log]}}
ambassador:
  upstream: http://127.0.0.1:8080
  routes: [{path: /**, public: true}]
  shutdown: {delay: 0s}
adapter:
  sources: {app: {url: "http://127.0.0.1:8080/stats", metrics: [{gauge: answer, value: answer}]}}
`;

/** Where each image answers when it lives; the last one hosts every section. */
const adminPorts: Readonly<Record<Target, readonly number[]>> = {
  'log-tail': [7101],
  ambassador: [7102],
  adapter: [7103],
  podmates: [7101, 7102, 7103],
};

/** A pod as strict as a cluster may be: no root, no writable root file system, no capabilities. */
function manifestOf(target: Target): string {
  const metadata = { name: `image-${target}` };
  const container = {
    name: target,
    image: imageOf(target),
    imagePullPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/podmates' },
      { name: 'state', mountPath: '/var/lib/podmates' },
    ],
  };
  const volumes = [
    { name: 'config', configMap: { name: metadata.name } },
    { name: 'state', emptyDir: {} },
  ];
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { 'podmates.yaml': config },
  };
  const spec = { restartPolicy: 'Never', containers: [container], volumes };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
  return [configMap, pod].map((one) => stringify(one)).join('---\n');
}

interface Playing {
  readonly container: string;
  readonly address: string;
}

async function play(t: TestContext, target: Target): Promise<Playing> {
  const input = manifestOf(target);
  t.after(() => attempt('podman', ['pod', 'rm', '--force', '--time', '0', `image-${target}`]));
  await attempt('podman', ['pod', 'rm', '--force', '--time', '0', `image-${target}`]);
  await run('podman', ['kube', 'play', '-'], { input });
  const infra = await run('podman', [
    ...['pod', 'inspect', '--format', '{{.InfraContainerID}}', `image-${target}`],
  ]);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const address = await run('podman', ['inspect', '--format', format, infra]);
  return { container: `image-${target}-${target}`, address };
}

const inspect = (what: string, format: string) =>
  run('podman', ['inspect', '--format', format, what]);

for (const target of targets) {
  test(`${target}: lives in the strictest of pods, and ends with 0`, async (t) => {
    const { container, address } = await play(t, target);
    for (const port of adminPorts[target]) {
      const lives = async () => (await fetch(`http://${address}:${port}/livez`)).ok;
      await awaitUntil(lives, { timeoutMs: 30_000, what: `${target} on port ${port}` });
    }
    assert.equal(await inspect(container, '{{.Config.User}}'), '65532:65532');
    assert.equal(await inspect(container, '{{.HostConfig.ReadonlyRootfs}}'), 'true');
    const users = (await run('podman', ['top', container, 'huser'])).split('\n').slice(1);
    assert.deepEqual([...new Set(users.map((user) => user.trim()))], ['65532']);
    await run('podman', ['stop', '--time', '30', container]);
    assert.equal(await inspect(container, '{{.State.ExitCode}}'), '0');
  });

  test(`${target}: holds no shell, no package manager, no sources`, async () => {
    const shell = ['run', '--rm', '--entrypoint', '/bin/sh', imageOf(target), '-c', 'true'];
    const { code, stderr } = await attempt('podman', shell);
    assert.equal(code, 127, stderr);
    const list = `import { globSync } from 'node:fs';
      console.log(JSON.stringify(globSync(['/bin/sh', '/usr/bin/{apt,dpkg,bash}', '/opt/podmates/sidecars', '/opt/podmates/node_modules/typescript', '/opt/podmates/node_modules/**/*.d.ts'])))`;
    const script = ['--entrypoint', '/usr/local/bin/node', imageOf(target)];
    const found = await run('podman', [
      ...['run', '--rm', ...script, '--input-type=module', '--eval', list],
    ]);
    assert.deepEqual(JSON.parse(found), []);
  });

  test(`${target}: its list of packages is what it holds`, async () => {
    const list = `import { globSync, readFileSync } from 'node:fs';
      const read = (file) => readFileSync('/opt/podmates/' + file, 'utf8');
      const manifests = globSync('/opt/podmates/node_modules/{@*/*,[!@]*}/package.json');
      const sbom = JSON.parse(read('sbom.cdx.json'));
      console.log(JSON.stringify({
        apart: manifests.map((file) => JSON.parse(readFileSync(file))).map(({ name, version }) => name + '@' + version),
        noticed: [...read('THIRD-PARTY-NOTICES').matchAll(/^(\\S+) (\\S+), .*\\n=+$/gm)].map(([, name, version]) => name + '@' + version),
        listed: sbom.components.map(({ name, version }) => name + '@' + version),
        varying: [sbom.serialNumber, sbom.metadata.timestamp].filter(Boolean),
      }))`;
    const found = await run('podman', [
      ...['run', '--rm', '--entrypoint', '/usr/local/bin/node', imageOf(target)],
      ...['--input-type=module', '--eval', list],
    ]);
    const { apart, noticed, listed, varying } = JSON.parse(found);
    assert.deepEqual(listed.sort(), noticed.sort());
    for (const one of apart) assert.ok(listed.includes(one), one);
    assert.ok(apart.length >= 3 && listed.length > 50);
    assert.deepEqual(varying, []);
  });

  test(`${target}: says what it is`, async () => {
    const labels: unknown = JSON.parse(await inspect(imageOf(target), '{{json .Labels}}'));
    const keys = Object.keys(Object(labels)).filter((key) => key.startsWith('org.opencontainers'));
    for (const name of ['title', 'description', 'licenses', 'version', 'revision', 'source']) {
      assert.ok(keys.includes(`org.opencontainers.image.${name}`), name);
    }
    const version = ['run', '--rm', imageOf(target), '--help'];
    assert.match(await run('podman', version), /^podmates/);
  });
}

test('the size of each image', async (t) => {
  for (const target of targets) {
    const bytes = Number(await inspect(imageOf(target), '{{.Size}}'));
    t.diagnostic(`${target}: ${Math.round(bytes / 1e6)} MB`);
    assert.ok(bytes < 250e6);
  }
});
