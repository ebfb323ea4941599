import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Collector, createCollector } from '../../../sidecars/adapter/map/collector.ts';
import type { Family } from '../../../sidecars/adapter/sample.ts';
import { createRandom } from '../hostile.ts';

const declared = { name: 'x', help: '' };

function collect(before: readonly Family[], fill: (collector: Collector) => void) {
  const dropped: string[] = [];
  const onDrop = ({ reason, detail }: { reason: string; detail: string }) =>
    dropped.push(`${reason} ${detail}`);
  const collector = createCollector({ series: 6, labelLength: 100, before, onDrop });
  fill(collector);
  return { families: collector.families(), dropped };
}

test('what a source said last changes nothing of what it says now', () => {
  const random = createRandom(1);
  let before: readonly Family[] = [];
  for (let turn = 0; turn < 3000; turn++) {
    const rows = Array.from({ length: random.below(8) }, (_, at) => {
      const same = random.below(3) > 0 ? at : random.below(8);
      return `n="${same}"`;
    });
    const how = random.pick(['error', 'drop', 'sum'] as const);
    const fill = (collector: Collector) => {
      const points = collector.values('gauge', declared);
      rows.forEach((labels, at) => void points.add(labels, at, how));
    };
    const [kept, fresh] = [collect(before, fill), collect([], fill)];
    assert.deepEqual(kept, fresh, `turn ${turn}`);
    before = kept.families;
  }
});

test('series that are the same again are listed once, however often they are collected', () => {
  const fill = (collector: Collector) => {
    const points = collector.values('counter', declared);
    for (const n of [1, 2, 3]) points.add(`n="${n}"`, n);
  };
  const [first] = collect([], fill).families;
  const [second] = collect(first === undefined ? [] : [first], fill).families;
  assert.equal(second?.labels, first?.labels);
  assert.notEqual(second?.points, first?.points);
});
