import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countShapes,
  createShape,
  mergeShapes,
  observe,
} from '../../../sidecars/adapter/draft/shape.ts';

function shapeOf(...documents: readonly unknown[]) {
  const shape = createShape();
  documents.forEach((document, turn) => void observe(shape, document, documents[turn - 1]));
  return shape;
}

test('numbers are followed from sample to sample', () => {
  const { fields } = shapeOf({ a: 1, b: 5 }, { a: 2, b: 4 }, { a: 3.5, b: 6 });
  const a = fields?.get('a')?.numbers;
  const b = fields?.get('b')?.numbers;
  assert.deepEqual([a?.rises, a?.falls, a?.fractional, a?.min, a?.max], [2, 0, true, 1, 3.5]);
  assert.deepEqual([b?.rises, b?.falls, b?.fractional], [1, 1, false]);
});

test('a field identifies rows only while it is in every row and never the same twice', () => {
  const unique = (...lists: readonly unknown[]) => shapeOf(...lists).rows?.keys?.get('id')?.unique;
  assert.equal(unique([{ id: 'a' }, { id: 'b' }]), true);
  assert.equal(unique([{ id: 'a' }, { id: 'a' }]), false);
  assert.equal(unique([{ id: 'a' }], [{ id: 'a' }, { id: 'a' }], [{ id: 'a' }]), false);
  assert.equal(unique([{ id: 'a' }, { other: 1 }]), undefined);
  assert.equal(unique([], [{ id: 'a' }], []), true);
});

test('keys that mean something to JavaScript are keys like all others', () => {
  const shape = shapeOf(JSON.parse('{"__proto__": {"a": 1}, "constructor": {"a": 2}}'));
  assert.deepEqual([...(shape.fields?.keys() ?? [])], ['__proto__', 'constructor']);
  assert.equal(mergeShapes(shape.fields?.values() ?? []).fields?.get('a')?.numbers?.max, 2);
});

test('places are counted up to a bound', () => {
  const shape = shapeOf({ a: { b: [{ c: 1 }] }, d: 2 });
  assert.equal(countShapes(shape, 100), 6);
  assert.ok(countShapes(shape, 3) >= 3);
});
