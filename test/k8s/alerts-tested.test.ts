import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from './manifests.ts';

const read = (file: string) => parse(readFileSync(join(projectRoot, file), 'utf8'));

test('for every alert a rule test says when it fires and when it does not', () => {
  const rules = read('k8s/monitoring/prometheus/rules/podmates.yaml');
  const alerts: string[] = rules.groups.flatMap((group: { rules: { alert: string }[] }) =>
    group.rules.map(({ alert }) => alert),
  );
  const { tests } = read('test/pods/monitoring/rules/podmates.test.yaml');
  const checks: { expr: string; exp_samples: unknown[] }[] = tests.flatMap(
    (one: { promql_expr_test: unknown[] }) => one.promql_expr_test,
  );
  assert.ok(alerts.length >= 14);
  const fires = (alert: string, count: (samples: unknown[]) => boolean) =>
    checks.some(({ expr, exp_samples }) => expr.includes(`"${alert}"`) && count(exp_samples));
  assert.deepEqual(
    alerts.filter((alert) => !fires(alert, (samples) => samples.length > 0)),
    [],
  );
  const quiet = alerts.filter((alert) => fires(alert, (samples) => samples.length === 0));
  assert.ok(quiet.length >= 10, `only ${quiet} are shown to keep quiet`);
});
