import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../sidecars/ambassador/forward/http1/connection.ts';
import { createWaiters } from '../../../sidecars/ambassador/forward/http1/waiters.ts';

const open = () => ({}) as Connection;

test('first come, first served, whoever goes and comes meanwhile', () => {
  const waiters = createWaiters(1000);
  const served: number[] = [];
  const add = (number: number) => waiters.add(() => void served.push(number));
  assert.equal(waiters.serve(open), false);
  for (let number = 0; number < 5; number++) add(number);
  add(5).cancel();
  assert.ok(waiters.serve(open));
  const gone = add(6);
  for (let count = 0; count < 4; count++) assert.ok(waiters.serve(open));
  gone.cancel();
  assert.equal(waiters.serve(open), false);
  add(7);
  add(8);
  assert.ok(waiters.serve(open));
  assert.ok(waiters.serve(open));
  assert.equal(waiters.serve(open), false);
  assert.deepEqual(served, [0, 1, 2, 3, 4, 7, 8]);
  assert.equal(waiters.size, 0);
});

test('who has waited too long is sent away, and the others keep their turn', () => {
  const waiters = createWaiters(1000);
  const outcomes: string[] = [];
  for (const name of ['a', 'b']) {
    waiters.add((connection) => void outcomes.push(`${name} ${connection ? 'served' : 'late'}`));
  }
  waiters.expire(performance.now() + 2000);
  waiters.add((connection) => void outcomes.push(`c ${connection ? 'served' : 'late'}`));
  waiters.expire(performance.now());
  assert.ok(waiters.serve(open));
  assert.deepEqual(outcomes, ['a late', 'b late', 'c served']);
});
