import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { type KubernetesObject, objectsIn } from '../../k8s/manifests.ts';
import { complaintOf, isOwnKind, typeComplaints } from '../../k8s/schemas.ts';
import { projectRoot } from '../machine.ts';
import { run } from '../run.ts';
import { findKustomize } from './find-kustomize.ts';

const folders = globSync('k8s/**/kustomization.yaml', { cwd: projectRoot }).map(dirname).sort();
const isComponent = (folder: string) =>
  readFileSync(join(projectRoot, folder, 'kustomization.yaml'), 'utf8').includes('kind: Component');

async function build(folder: string): Promise<readonly KubernetesObject[]> {
  const [program = '', ...args] = await findKustomize();
  const text = await run(program, [...args, join(projectRoot, folder)], { timeoutMs: 120_000 });
  const objects = objectsIn(text, folder);
  assert.ok(objects.length > 0, `${folder} gives nothing`);
  return objects;
}

async function assertValid(objects: readonly KubernetesObject[]): Promise<void> {
  const own = objects.filter(isOwnKind);
  for (const object of own) {
    assert.equal(await complaintOf(object), undefined, `${object.kind} ${object.metadata?.name}`);
  }
  assert.deepEqual(await typeComplaints(own), []);
}

for (const folder of folders.filter((one) => !isComponent(one))) {
  test(`${folder} builds, and what it gives is valid`, async () => {
    await assertValid(await build(folder));
  });
}

for (const folder of folders.filter(isComponent)) {
  test(`${folder} patches a Deployment, a StatefulSet and a DaemonSet, and skips who says so`, async () => {
    const place = await mkdtemp(join(projectRoot, 'k8s/.test-'));
    try {
      const workload = (kind: string, name: string, annotations = '') => `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
  ${annotations}
spec:
  ${kind === 'StatefulSet' ? 'serviceName: a' : ''}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      initContainers: [{ name: migrate, image: a }]
      containers: [{ name: app, image: a }]
---
`;
      const skip = 'annotations: { podmates.dev/skip: "true" }';
      await writeFile(
        join(place, 'workloads.yaml'),
        workload('Deployment', 'one') +
          workload('StatefulSet', 'two') +
          workload('DaemonSet', 'three') +
          workload('Deployment', 'four', skip),
      );
      await writeFile(
        join(place, 'kustomization.yaml'),
        `resources: [workloads.yaml]\ncomponents: [${relative(place, join(projectRoot, folder))}]\n`,
      );
      const objects = await build(relative(projectRoot, place));
      await assertValid(objects);
      const container = folder.split('/').at(-1);
      const patched = objects.map((object) => [
        object.metadata?.name,
        JSON.stringify(object).includes(`"podmates/${container}:`),
      ]);
      assert.deepEqual(Object.fromEntries(patched), {
        one: true,
        two: true,
        three: true,
        four: false,
      });
    } finally {
      await rm(place, { recursive: true });
    }
  });
}
