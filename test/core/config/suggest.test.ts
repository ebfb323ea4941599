import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, suggest } from '../../../sidecars/core/config/suggest.ts';

const keys = ['sources', 'timeout', 'headers', 'value', 'as'];

test('suggests the nearest key for a slip of the finger', () => {
  assert.equal(suggest('source', keys), 'sources');
  assert.equal(suggest('tiemout', keys), 'timeout', 'two neighbours swapped are one slip');
  assert.equal(suggest('Headers', keys), 'headers', 'case does not count');
  assert.equal(suggest('valu', keys), 'value');
});

test('suggests nothing for a word that is like none of them', () => {
  assert.equal(suggest('retries', keys), undefined);
  assert.equal(suggest('xyz', keys), undefined);
});

test('lists what would have been right when nothing is near', () => {
  assert.equal(didYouMean('valeu', keys), '; did you mean "value"?');
  assert.equal(didYouMean('retries', ['a', 'b']), '; expected one of a, b');
  assert.equal(didYouMean('retries', []), '');
});
