import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRowMemory } from '../../../sidecars/adapter/map/row-memory.ts';

test('a row is made again only when it says something else than last time', () => {
  const made: string[] = [];
  const memory = createRowMemory((said) => {
    made.push(said.join());
    return said.join();
  });
  const ask = (...rows: readonly string[][]) => {
    const recall = memory.open();
    return rows.map((row) => recall(row));
  };
  assert.deepEqual(ask(['a', '1'], ['b', '2']), ['a,1', 'b,2']);
  assert.deepEqual(ask(['a', '1'], ['b', '3'], ['c', '4']), ['a,1', 'b,3', 'c,4']);
  assert.deepEqual(ask(['c', '4'], ['b', '3']), ['c,4', 'b,3'], 'in another order');
  assert.deepEqual(ask(['c', '4'], ['b', '3'], ['c', '4']), ['c,4', 'b,3', 'c,4']);
  assert.deepEqual(made, ['a,1', 'b,2', 'b,3', 'c,4', 'c,4']);
});

test('what was said is remembered, and not the list that said it', () => {
  const memory = createRowMemory((said) => said.join());
  const said = ['a'];
  memory.open()(said);
  said[0] = 'b';
  assert.equal(memory.open()(said), 'b');
});

test('a long document is mapped to its end, however much of it is remembered', () => {
  const memory = createRowMemory(([text]) => text);
  for (const round of ['first', 'second']) {
    const recall = memory.open();
    for (let row = 0; row < 12_000; row++)
      assert.equal(recall([`${round} ${row}`]), `${round} ${row}`);
  }
});
