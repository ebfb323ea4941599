import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFieldNames } from '../../sidecars/core/field-names.ts';

test('names are found in every case, and none for being as long as one of them', () => {
  const names = createFieldNames(['host', 'x-api-key']);
  assert.equal(names('HOST'), 'host');
  assert.equal(names('X-Api-Key'), 'x-api-key');
  for (const other of ['hos', 'hosts', 'x-api-ke_', 'etag', '']) {
    assert.equal(names(other), undefined, other);
  }
});
