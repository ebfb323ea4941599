import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import v8 from 'node:v8';
import {
  type Finding,
  proved,
  rejected,
} from '../../../../sidecars/ambassador/authenticate/authenticator.ts';
import { createAuthMetrics } from '../../../../sidecars/ambassador/authenticate/metrics.ts';
import {
  type CredentialCache,
  type CredentialCacheOptions,
  createCredentialCache,
} from '../../../../sidecars/ambassador/authenticate/remember/credential-cache.ts';
import type { Judgement } from '../../../../sidecars/ambassador/authenticate/remember/judgement-memory.ts';
import { createMetrics } from '../../../../sidecars/core/metrics.ts';
import { clock } from '../clock.ts';

function cache(options: Partial<CredentialCacheOptions> = {}) {
  const metrics = createAuthMetrics(createMetrics('ambassador')).provider('it');
  return createCredentialCache({ ttl: 60_000, size: 1000, metrics, ...options });
}

const joe = (expiresAt?: number): Finding =>
  proved({ provider: 'it', subject: 'joe', groups: [], scopes: [], claims: {}, expiresAt });

/** Shows a credential, which is judged at once unless it is remembered. */
function show(it: CredentialCache, credential: string, judgement: Judgement): Finding {
  const finding = it.look(credential, () => judgement);
  assert.ok(!(finding instanceof Promise));
  return finding;
}

const good: Judgement = { finding: joe() };
const bad: Judgement = { finding: rejected('signature'), definitive: true };

test('what is good, and what is bad for certain, is remembered', () => {
  const it = cache();
  assert.equal(show(it, 'joe', good).kind, 'proved');
  assert.equal(show(it, 'joe', bad).kind, 'proved');
  assert.equal(show(it, 'eve', bad).kind, 'rejected');
  assert.equal(show(it, 'eve', good).kind, 'rejected');
});

test('nothing is remembered that failed, or that may change', () => {
  const it = cache();
  show(it, 'a', { finding: { kind: 'undecided', reason: 'timeout' } });
  show(it, 'b', { finding: rejected('not_yet_valid') });
  assert.equal(show(it, 'a', good).kind, 'proved');
  assert.equal(show(it, 'b', good).kind, 'proved');
});

test('an identity ends with what it rests on, with its expiry, and with the ttl', (t) => {
  const it = cache({ ttl: 30_000 });
  const { advance } = clock(t);
  let holds = true;
  show(it, 'key', { ...good, holds: () => holds });
  assert.equal(show(it, 'key', bad).kind, 'proved');
  holds = false;
  assert.equal(show(it, 'key', bad).kind, 'rejected');
  show(it, 'exp', { finding: joe(Date.now() - 1) });
  assert.equal(show(it, 'exp', bad).kind, 'rejected');
  show(it, 'ttl', good);
  advance(29);
  assert.equal(show(it, 'ttl', bad).kind, 'proved');
  advance(2);
  assert.equal(show(it, 'ttl', bad).kind, 'rejected');
});

test('a ttl of nothing remembers nothing', () => {
  const it = cache({ ttl: 0 });
  show(it, 'joe', good);
  assert.equal(show(it, 'joe', bad).kind, 'rejected');
});

test('a flood of bad credentials drives out no good one', () => {
  const it = cache({ size: 100 });
  show(it, 'joe', good);
  for (let i = 0; i < 10_000; i++) show(it, `bad-${i}`, bad);
  assert.equal(show(it, 'joe', bad).kind, 'proved');
});

test('what was being judged when everything was forgotten is not remembered', async () => {
  const it = cache();
  const judging = it.look('token', () => pause(20).then(() => good));
  it.clear();
  await judging;
  assert.equal(show(it, 'token', bad).kind, 'rejected');
});

test('a judge that throws leaves no trace: the next one is asked', async () => {
  const it = cache();
  const fail = () => Promise.reject(new Error('no'));
  await assert.rejects(async () => it.look('token', fail), /no/);
  assert.equal(show(it, 'token', good).kind, 'proved');
});

test('no credential that is remembered is found in the heap', async () => {
  const it = cache();
  // Put together at run time, so that no constant of this file is found instead.
  const parts = (what: string) => [what, process.pid, 'haystack'];
  const held = new Map([[parts('held').join('-'), true]]);
  // In a function of its own, for this one's registers outlive the waiting below.
  const remember = () => void show(it, parts('remembered').join('-'), good);
  remember();
  const chunks: string[] = [];
  for await (const chunk of v8.getHeapSnapshot()) chunks.push(String(chunk));
  const heap = chunks.join('');
  assert.ok(held.size === 1 && heap.includes(parts('held').join('-')), 'what is kept is found');
  assert.ok(!heap.includes(parts('remembered').join('-')));
});
