import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result, Standing } from './bench/contest.ts';
import { goalTable, judge } from './bench/goals.ts';

const standing = (name: string, cpuSeconds: number, more: Partial<Standing> = {}): Standing => ({
  name,
  ours: false,
  cpuPerUnit: { median: cpuSeconds, min: cpuSeconds, max: cpuSeconds },
  unitsPerSecond: 1,
  residentBytes: 1,
  p50Ms: undefined,
  p99Ms: undefined,
  lost: undefined,
  doubled: undefined,
  ...more,
});

const contest = (name: string, ...standings: readonly Standing[]): Result => ({
  name,
  unit: 'request',
  rounds: 1,
  standings,
  missing: [],
  remarks: [],
});

test('a goal is judged by the medians, and one without its peer is not known', () => {
  const judged = judge('ambassador', [
    contest(
      'GET 1 KB, callers checked',
      standing('podmates, JWT RS256, cached', 40e-6, { ours: true }),
      standing('http-proxy 1.18.1, no check', 100e-6),
      standing('Caddy forward_auth', 160e-6),
      standing('oauth2-proxy 7.15.6, JWT RS256', 39e-6),
    ),
  ]);
  assert.deepEqual(
    judged.map(({ seen, met }) => [seen, met]),
    [
      ['40.0 us', true],
      ['2.50 times less', false],
      ['4.00 times less', true],
      ['1.03 times', false],
      ['kube-rbac-proxy took no part', undefined],
    ],
  );
  assert.match(
    goalTable(judged),
    /\| at least 3 times less .* \| 2\.50 times less \| \*\*no\*\* \|/,
  );
});

test('lines lost or doubled, late or dear miss the goals of following a live log', () => {
  const name = 'live, 200,000 lines/s, rename every 2 s';
  const met = (lost: number, doubled: number, p99Ms: number, cpuSeconds: number) =>
    judge('log-tail', [
      contest(name, standing('podmates', cpuSeconds, { ours: true, lost, doubled, p99Ms })),
    ])
      .filter(({ work }) => work === name)
      .map(({ met }) => met);
  assert.deepEqual(met(0, 0, 25, 0.8e-6), [true, true, true]);
  assert.deepEqual(met(1, 0, 26, 0.8e-6), [false, false, true]);
  assert.deepEqual(met(0, 1, 25, 0.9e-6), [false, true, false]);
});

test('a contest that was left out is named', () => {
  const [first] = judge('adapter', []);
  assert.equal(first?.seen, 'not in this run');
  assert.equal(first.met, undefined);
});
