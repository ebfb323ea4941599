import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecentMap } from '../../../../sidecars/ambassador/authenticate/remember/recent-map.ts';
import { clock } from '../clock.ts';

test('it never holds more than its size, whatever comes', () => {
  let forgotten = 0;
  const map = createRecentMap<number>({
    maxEntries: 100,
    maxAgeMs: 60_000,
    onForget(count) {
      forgotten += count;
    },
  });
  for (let i = 0; i < 10_000; i++) {
    map.set(`key-${i}`, i);
    assert.ok(map.size <= 100, `${map.size}`);
  }
  assert.equal(map.size + forgotten, 10_000);
  assert.equal(map.get('key-9999'), 9999);
  assert.equal(map.get('key-0'), undefined);
});

test('what is looked at stays while others pass', () => {
  const map = createRecentMap<number>({ maxEntries: 100, maxAgeMs: 60_000 });
  map.set('mine', 1);
  for (let i = 0; i < 10_000; i++) {
    map.set(`key-${i}`, i);
    if (i % 20 === 0) assert.equal(map.get('mine'), 1);
  }
});

test('as many as there is room for are kept when asked for in turn', () => {
  const map = createRecentMap<number>({ maxEntries: 100, maxAgeMs: 60_000 });
  for (let i = 0; i < 100; i++) map.set(`key-${i}`, i);
  for (let i = 0; i < 1000; i++) assert.equal(map.get(`key-${i % 100}`), i % 100);
  map.set('another', 1);
  const left = Array.from({ length: 100 }, (_, i) => map.get(`key-${i}`));
  assert.equal(left.filter((one) => one !== undefined).length, 99);
});

test('what is looked at between others outlives them, though all were looked at', () => {
  const map = createRecentMap<number>({ maxEntries: 10, maxAgeMs: 60_000 });
  for (let i = 0; i < 10; i++) map.set(`key-${i}`, i);
  for (let i = 10; i < 500; i++) {
    assert.equal(map.get('key-0'), 0);
    map.set(`key-${i}`, i);
    assert.ok(map.size <= 10);
  }
});

test('it works at the size of one', () => {
  const map = createRecentMap<number>({ maxEntries: 1, maxAgeMs: 60_000 });
  map.set('a', 1);
  assert.equal(map.get('a'), 1);
  map.set('b', 2);
  assert.equal(map.get('b'), 2);
  assert.ok(map.size <= 1);
});

test('a value set again is the new one, also when the old one was put aside', () => {
  const map = createRecentMap<number>({ maxEntries: 4, maxAgeMs: 60_000 });
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  assert.equal(map.get('a'), 3);
  map.delete('a');
  assert.equal(map.get('a'), undefined);
  map.clear();
  assert.equal(map.size, 0);
});

test('what is too old to be worth anything is let go, though there is room', (t) => {
  const { advance } = clock(t);
  const map = createRecentMap<number>({ maxEntries: 1000, maxAgeMs: 60_000 });
  for (let i = 0; i < 100; i++) map.set(`old-${i}`, i);
  advance(61);
  map.set('a', 1);
  advance(61);
  map.set('b', 2);
  assert.equal(map.size, 2);
});
