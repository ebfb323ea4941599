import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeFamilies } from '../../sidecars/adapter/publish/merge.ts';
import { escapings } from '../../sidecars/adapter/publish/names.ts';
import { format } from '../../sidecars/adapter/publish/negotiate.ts';
import { writePage } from '../../sidecars/adapter/publish/write.ts';
import { readStrictly } from './collect.ts';
import { createRandom } from './hostile.ts';
import { familiesOfBrokenPage } from './hostile-pages.ts';

test('2,000 pairs of broken pages: what is joined of them is always a valid page', () => {
  let points = 0;
  let dropped = 0;
  for (let seed = 1; seed <= 2000; seed++) {
    const random = createRandom(seed);
    const sources = [
      { source: 'one', families: familiesOfBrokenPage(random, () => dropped++) },
      { source: 'two', families: familiesOfBrokenPage(random, () => dropped++) },
    ];
    const as = format(random.pick(['text', 'openmetrics'] as const), random.pick(escapings));
    const { pages } = mergeFamilies(sources, as.escaping);
    const page = writePage(pages, as);
    const { faults } = readStrictly(page, as.kind === 'openmetrics');
    assert.deepEqual(faults, [], `seed ${seed}\n${page}`);
    points += pages.reduce((sum, family) => sum + family.points.length, 0);
  }
  assert.ok(points > 5000, `${points} points`);
  assert.ok(dropped > 5000, `${dropped} dropped`);
});
