import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintPage } from '../../../sidecars/adapter/index.ts';
import { createDraftedSource } from './draft-page.ts';

const keys = [
  '__proto__',
  'constructor',
  'toString',
  'name',
  'id',
  'le',
  'job',
  'instance',
  'a b',
  'a"b',
  'a\nb',
  '${HOME}',
  '{x}',
  '*',
  '$key',
  '.',
  '',
  '0',
  '200',
  'GET',
  '\u{1F600}',
  'é',
  '数',
  'total',
  'count',
  'sum',
  'bucket',
  'info',
  'gauge',
  'ms',
  's',
  'bytes',
  'requests_total',
  'requestsTotal',
  'buckets',
  'p50',
  'p99',
  '0.5',
  'type',
  'value',
  'status',
  'version',
  'up',
  'a.b',
  '[0]',
  'hours',
  'milliseconds',
  'created',
  'quantile',
  'Été',
  '__name__',
  '-1',
  'x'.repeat(300),
];
const scalars: readonly unknown[] = [
  0,
  1,
  -1,
  1.5,
  1e308,
  -0,
  Number.MAX_SAFE_INTEGER + 2,
  1790000000,
  1790000000123,
  true,
  false,
  null,
  '',
  'NaN',
  'Infinity',
  '12',
  '007',
  '1e5',
  '3h2m',
  '28 %',
  '8192 MB',
  '2026-01-01T00:00:00Z',
  'UP',
  'running',
  'a\nb"c\\',
  '\u{1F600}',
  '\ud800',
  'x'.repeat(500),
  'counter',
  '1.2.3',
];

/** Small, fast and the same in every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function randomDocument(random: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const kind = random();
  if (depth === 0 || kind < 0.4) return pick(scalars);
  const size = Math.floor(random() * 6);
  if (kind < 0.6) return Array.from({ length: size }, () => randomDocument(random, depth - 1));
  const entries = Array.from({ length: size }, () => [
    pick(keys) ?? '',
    randomDocument(random, depth - 1),
  ]);
  return Object.fromEntries(entries);
}

test('whatever a document holds, its page is valid, in good style and the same twice', () => {
  let samples = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const random = createRandom(seed);
    const document = randomDocument(random, 5);
    const scrape = createDraftedSource();
    const first = scrape(document);
    const findings = lintPage(first.text);
    assert.deepEqual(findings, [], `seed ${seed}: ${JSON.stringify(findings[0])}`);
    assert.equal(scrape(document).text, first.text, `seed ${seed}`);
    const changed = scrape(randomDocument(random, 5));
    assert.deepEqual(
      lintPage(changed.text).filter(({ severity }) => severity === 'error'),
      [],
      `seed ${seed}`,
    );
    samples += first.lines.length;
  }
  assert.ok(samples > 2000, `${samples} samples`);
});
