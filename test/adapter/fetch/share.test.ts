import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceError } from '../../../sidecars/adapter/fetch/body.ts';
import { share } from '../../../sidecars/adapter/fetch/share.ts';

function countingLoad() {
  const turns: {
    resolve: (value: number) => void;
    reject: (e: Error) => void;
    signal: AbortSignal;
  }[] = [];
  const load = (signal: AbortSignal) =>
    new Promise<number>((resolve, reject) => void turns.push({ resolve, reject, signal }));
  return { turns, load };
}

test('all who ask at the same time share one turn; the next one is a new one', async () => {
  const { turns, load } = countingLoad();
  const get = share(load, 0);
  const signal = new AbortController().signal;
  const both = Promise.all([get(signal), get(signal)]);
  turns[0]?.resolve(1);
  assert.deepEqual(await both, [1, 1]);
  const next = get(signal);
  assert.equal(turns.length, 2);
  turns[1]?.resolve(2);
  assert.equal(await next, 2);
});

test('who leaves is let go at once, and the load goes on for those who wait', async () => {
  const { turns, load } = countingLoad();
  const get = share(load, 0);
  const leaving = new AbortController();
  const first = get(leaving.signal);
  const second = get(new AbortController().signal);
  leaving.abort();
  await assert.rejects(first, (error: SourceError) => error.reason === 'aborted');
  assert.equal(turns[0]?.signal.aborted, false);
  turns[0]?.resolve(7);
  assert.equal(await second, 7);
});

test('when nobody waits any more, the load is given up and the next who asks begins anew', async () => {
  const { turns, load } = countingLoad();
  const get = share(load, 0);
  const late = get(AbortSignal.timeout(5));
  await assert.rejects(late, (error: SourceError) => error.reason === 'timeout');
  assert.equal(turns[0]?.signal.aborted, true);
  const next = get(new AbortController().signal);
  assert.equal(turns.length, 2);
  turns[1]?.resolve(3);
  assert.equal(await next, 3);
});

test('a failure is everybody’s, and is not kept; a result is kept as long as wanted', async () => {
  const { turns, load } = countingLoad();
  const get = share(load, 60_000);
  const signal = new AbortController().signal;
  const both = Promise.allSettled([get(signal), get(signal)]);
  turns[0]?.reject(new SourceError('connect', 'no'));
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  const next = get(signal);
  turns[1]?.resolve(5);
  assert.equal(await next, 5);
  assert.equal(await get(signal), 5);
  assert.equal(turns.length, 2);
});

test('an aborted signal gets nothing, and starts nothing that goes on', async () => {
  const { turns, load } = countingLoad();
  const get = share(load, 0);
  await assert.rejects(get(AbortSignal.abort()));
  assert.ok(turns.every(({ signal }) => signal.aborted));
});
