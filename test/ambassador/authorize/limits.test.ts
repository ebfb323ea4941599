import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLimits } from '../../../sidecars/ambassador/authorize/limits.ts';
import { createRateLimit } from '../../../sidecars/ambassador/authorize/rate-limit.ts';

test('a bucket gives its burst, then what the rate refills', () => {
  let time = 0;
  const limit = createRateLimit({ rate: 2, burst: 3, now: () => time });
  assert.deepEqual(
    [1, 2, 3].map(() => limit.take('a').allowed),
    [true, true, true],
  );
  const refused = limit.take('a');
  assert.equal(refused.allowed, false);
  assert.equal(refused.retryAfter, 1);
  assert.ok(limit.take('b').allowed, 'another key has its own');
  time = 500;
  assert.ok(limit.take('a').allowed);
  assert.ok(!limit.take('a').allowed);
  time = 60_000;
  assert.deepEqual(
    [1, 2, 3, 4].map(() => limit.take('a').allowed),
    [true, true, true, false],
  );
});

test('429 says when to come again, and answers say what is left', () => {
  const limits = createLimits({ rate: 1, per: 'address' });
  const first = limits?.(undefined, '10.0.0.1');
  assert.ok(first !== undefined && 'fields' in first);
  assert.deepEqual(first.fields, [
    'RateLimit-Policy',
    '"default";q=1;w=1',
    'RateLimit',
    '"default";r=0;t=1',
  ]);
  const second = limits?.(undefined, '10.0.0.1');
  assert.ok(second !== undefined && 'status' in second);
  assert.equal(second.status, 429);
  assert.deepEqual(second.headers?.slice(0, 2), ['Retry-After', '1']);
  assert.ok('fields' in (limits?.(undefined, '10.0.0.2') ?? {}));
});

test('places are given back, and one caller has no more than there are', () => {
  const limits = createLimits({ concurrent: 1, per: 'subject' });
  const joe = {
    provider: 'p',
    subject: 'joe',
    groups: [],
    scopes: [],
    claims: {},
    expiresAt: undefined,
  };
  const first = limits?.(joe, '');
  assert.ok(first !== undefined && 'release' in first);
  assert.ok('status' in (limits?.(joe, '') ?? {}));
  assert.ok(
    'release' in (limits?.({ ...joe, provider: 'q' }, '') ?? {}),
    'the same name elsewhere',
  );
  first.release();
  assert.ok('release' in (limits?.(joe, '') ?? {}));
});
