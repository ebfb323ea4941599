import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singular } from '../../../sidecars/adapter/draft/words.ts';

const singulars: Readonly<Record<string, string>> = {
  queues: 'queue',
  shelves: 'shelf',
  slaves: 'slave',
  indices: 'index',
  caches: 'cache',
  boxes: 'box',
  entries: 'entry',
  processes: 'process',
  status: 'status',
  series: 'series',
  gas: 'gas',
};

for (const [many, one] of Object.entries(singulars)) {
  test(`one of ${many} is a ${one}`, () => {
    assert.equal(singular(many), one);
  });
}
