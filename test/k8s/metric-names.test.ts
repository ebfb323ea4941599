import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './manifests.ts';

const namePattern = /\b(?:podmates|process)_[a-z0-9_]+/g;

/** Names that the sources declare: those that stand there whole, in quotes. */
function declaredNames(): ReadonlySet<string> {
  const files = globSync('sidecars/**/*.ts', { cwd: projectRoot });
  const text = files.map((file) => readFileSync(join(projectRoot, file), 'utf8')).join('\n');
  return new Set(
    [...text.matchAll(/'((?:podmates|process)_[a-z0-9_]+)'/g)].map(([, name = '']) => name),
  );
}

/** Names that expressions of alerts and dashboards ask for, with the files that do. */
function askedNames(): ReadonlyMap<string, string> {
  const files = globSync(
    ['k8s/monitoring/prometheus/rules/*.yaml', 'k8s/monitoring/dashboards/*.json'],
    { cwd: projectRoot },
  );
  const found = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(join(projectRoot, file), 'utf8');
    for (const [name] of text.matchAll(namePattern)) found.set(name, file);
  }
  return found;
}

test('every metric that alerts and dashboards ask for is one that the containers have', () => {
  const declared = declaredNames();
  const asked = askedNames();
  assert.ok(asked.size > 30, `found ${asked.size} names`);
  const unknown = [...asked].filter(
    ([name]) => !declared.has(name) && !declared.has(name.replace(/_(bucket|sum|count)$/, '')),
  );
  assert.deepEqual(unknown, []);
});
