import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Locked {
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
);
const manifest: Record<'dependencies' | 'devDependencies', Record<string, string>> = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

test('the lockfile knows the packages of every platform, as npm ci demands', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in lock.packages))
      .map((name) => `${path} -> ${name}`),
  );
  assert.ok(Object.keys(lock.packages).length > 100);
  assert.deepEqual(missing, []);
});

test('dependencies are exact versions', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  assert.ok(Object.keys(all).length > 20);
  for (const [name, version] of Object.entries(all)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('the baselines that the README speaks of are of no use to anybody at run time', () => {
  for (const name of ['tail', 'http-proxy']) {
    assert.ok(name in manifest.devDependencies);
    assert.ok(!(name in manifest.dependencies));
  }
});
