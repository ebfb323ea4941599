import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCollector } from '../../sidecars/adapter/map/collector.ts';
import { compileMapping } from '../../sidecars/adapter/map/compile.ts';
import { createJsonMapper } from '../../sidecars/adapter/map/mapper.ts';
import { rulesSchema } from '../../sidecars/adapter/map/schema.ts';
import { createTally } from '../../sidecars/adapter/map/tally.ts';
import { escapings } from '../../sidecars/adapter/publish/names.ts';
import { format } from '../../sidecars/adapter/publish/negotiate.ts';
import { page, readStrictly, run } from './collect.ts';
import { anyRule, createRandom, hostileJson } from './hostile.ts';

const mappings = 300;
const documents = 12;

test(`${mappings * documents} hostile documents at random mappings: every page is valid`, () => {
  let seen = 0;
  let points = 0;
  for (let seed = 1; seed <= mappings; seed++) {
    const random = createRandom(seed);
    const metrics = Array.from({ length: 1 + random.below(6) }, () => anyRule(random));
    const parsed = rulesSchema.safeParse(metrics); // clashes that the config would refuse too
    assert.ok(parsed.success, JSON.stringify(metrics));
    const mapper = createJsonMapper(compileMapping(parsed.data, { prefix: '', labels: {} }), false);
    for (let count = 0; count < documents; count++) {
      const json = hostileJson(random);
      const { families } = run(mapper, json, { series: 500, labelLength: 100 });
      const kind = random.pick(['text', 'openmetrics'] as const);
      const as = format(kind, random.pick(escapings));
      const written = page(families, as);
      const { faults } = readStrictly(written, kind === 'openmetrics');
      const about = `seed ${seed}\n${JSON.stringify(metrics)}\n${json}\n${written}`;
      assert.deepEqual(faults, [], about);
      seen += 1;
      points += families.reduce((sum, family) => sum + family.points.length, 0);
    }
  }
  assert.ok(seen > 2000, `only ${seen} documents were mapped`);
  assert.ok(points > 5000, `only ${points} points came out`);
});

test('a document nested a hundred thousand deep is mapped or refused, never fatal', () => {
  const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
  const metrics = [
    { gauge: 'x', value: 'a.b' },
    { each: { jsonpath: '$..a' }, metrics: [{ gauge: 'y', value: '.' }] },
  ];
  const rules = rulesSchema.parse(metrics);
  const mapper = createJsonMapper(compileMapping(rules, { prefix: '', labels: {} }), false);
  try {
    run(mapper, deep, { series: 500, labelLength: 100 });
  } catch (error) {
    assert.ok(error instanceof Error); // the source fails for this scrape; that is all
  }
});

test('a million rows that cannot stand on the page leave no more behind than one', () => {
  const rows = `[${'{"id":1},'.repeat(1_000_000)}{"id":1}]`;
  const rules = rulesSchema.parse([
    { each: '*', labels: { id: 'id' }, metrics: [{ gauge: 'x', value: 'id' }] },
  ]);
  const mapper = createJsonMapper(compileMapping(rules, { prefix: '', labels: {} }), false);
  const tally = createTally();
  const open = () => createCollector({ series: 500, labelLength: 100, onDrop: tally.add });
  void mapper({ bytes: Buffer.from(rows), contentType: undefined }, open, AbortSignal.abort());
  assert.deepEqual(
    tally.kinds().map(({ reason, count }) => [reason, count]),
    [['duplicate', 1_000_000]],
  );
});
