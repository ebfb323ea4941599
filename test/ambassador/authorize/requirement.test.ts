import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Requirement } from '../../../sidecars/ambassador/authorize/config.ts';
import { createJudge } from '../../../sidecars/ambassador/authorize/requirement.ts';
import type { Identity } from '../../../sidecars/ambassador/identity.ts';

const joe: Identity = {
  provider: 'corp',
  subject: 'joe',
  groups: ['editors', 'staff'],
  scopes: ['read', 'write'],
  claims: {
    email: 'joe@corp.example',
    level: 3,
    verified: true,
    realm_access: { roles: ['admin'] },
    'https://corp.example/team': 'blue',
    __proto__x: 1,
  },
  expiresAt: undefined,
};

const verdict = (
  requirement: Requirement,
  address = '10.1.2.3',
  identity: Identity | undefined = joe,
) => createJudge(requirement)?.(identity, address)?.reason ?? 'in';

test('scopes are needed all, groups and subjects one of them', () => {
  assert.equal(verdict({ scopes: ['read', 'write'] }), 'in');
  assert.equal(verdict({ scopes: ['read', 'delete'] }), 'missing_scope');
  assert.equal(verdict({ groups: ['owners', 'staff'] }), 'in');
  assert.equal(verdict({ groups: ['owners'] }), 'missing_group');
  assert.equal(verdict({ subjects: ['ann', 'joe'] }), 'in');
  assert.equal(verdict({ subjects: ['Joe'] }), 'missing_claim');
});

test('claims by name or path: equal, in, contains; of the same type', () => {
  assert.equal(verdict({ claims: { email: 'joe@corp.example', level: 3, verified: true } }), 'in');
  assert.equal(verdict({ claims: { level: '3' } }), 'missing_claim');
  assert.equal(verdict({ claims: { level: { in: [1, 2, 3] } } }), 'in');
  assert.equal(verdict({ claims: { level: { in: [1, 2] } } }), 'missing_claim');
  assert.equal(verdict({ claims: { 'realm_access.roles': { contains: 'admin' } } }), 'in');
  assert.equal(verdict({ claims: { 'realm_access.roles': 'admin' } }), 'missing_claim');
  assert.equal(
    verdict({ claims: { email: { contains: 'joe' } } }),
    'missing_claim',
    'a text is no list',
  );
  assert.equal(verdict({ claims: { 'https://corp.example/team': 'blue' } }), 'in');
});

test('what is inherited is no claim', () => {
  for (const path of [
    'constructor',
    'toString',
    '__proto__',
    'realm_access.roles.length',
    'email.length',
  ]) {
    assert.equal(verdict({ claims: { [path]: { in: [1, 16] } } }), 'missing_claim', path);
  }
});

test('ranges of addresses, IPv4 in IPv6 as what it is', () => {
  const cidr = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'];
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::1']) {
    assert.equal(verdict({ cidr }, address), 'in', address);
  }
  for (const address of ['11.0.0.1', '192.0.2.8', '2001:db9::1', '', 'localhost', '10.1.2']) {
    assert.equal(verdict({ cidr }, address), 'address_not_allowed', address);
  }
});

test('nobody meets no rule about who they are', () => {
  for (const rule of [
    { scopes: ['a'] },
    { groups: ['a'] },
    { subjects: ['a'] },
    { claims: { a: 1 } },
  ]) {
    assert.notEqual(createJudge(rule)?.(undefined, ''), undefined);
  }
  assert.equal(createJudge(undefined), undefined);
});
