import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oidcSchema } from '../../../../sidecars/ambassador/authenticate/oidc/config.ts';
import { createSeal } from '../../../../sidecars/ambassador/authenticate/oidc/seal.ts';
import { createSessions } from '../../../../sidecars/ambassador/authenticate/oidc/session.ts';

const now = 1_700_000_000_000;
const hour = 3_600_000;

const sessionsOf = (more: object = {}, session: object = {}, keys = ['one']) => {
  const config = oidcSchema.parse({
    type: 'oidc',
    issuer: 'https://login.example.com',
    clientId: 'shop',
    redirectUrl: 'https://shop.example.com/callback',
    session: { key: { env: 'KEY' }, ...session },
    ...more,
  });
  return createSessions(
    config,
    'web',
    createSeal(() => keys, 'session'),
  );
};

test('a session is good until its ttl is over, and says until when', () => {
  const sessions = sessionsOf({}, { ttl: '1h' });
  const value = sessions.write({ sub: 'alice', groups: ['editors'], nonce: 'n' }, now) ?? '';
  const identity = sessions.read(value, now + hour - 1);
  assert.deepEqual(
    [identity?.subject, identity?.groups, identity?.expiresAt],
    ['alice', ['editors'], now + hour],
  );
  assert.deepEqual(identity?.claims, { sub: 'alice', groups: ['editors'] });
  assert.equal(sessions.read(value, now + hour), undefined);
});

test('only the claims that are wanted are kept, and too many are no session', () => {
  const claims = { sub: 'alice', email: 'a@shop.example', photo: 'x'.repeat(5000) };
  assert.equal(sessionsOf().write(claims, now), undefined);
  const sessions = sessionsOf({}, { claims: ['sub', 'email'] });
  const identity = sessions.read(sessions.write(claims, now) ?? '', now);
  assert.deepEqual(identity?.claims, { sub: 'alice', email: 'a@shop.example' });
});

test('a session without a claim that the config asks for by now is none', () => {
  const value = sessionsOf().write({ sub: 'alice', email: 'a@shop.example' }, now) ?? '';
  assert.equal(
    sessionsOf({ claims: { email: 'a@shop.example' } }).read(value, now)?.subject,
    'alice',
  );
  assert.equal(sessionsOf({ claims: { email: 'b@shop.example' } }).read(value, now), undefined);
});

test('a key is replaced without ending sessions, until it is taken away', () => {
  const value = sessionsOf({}, {}, ['old']).write({ sub: 'alice' }, now) ?? '';
  assert.equal(sessionsOf({}, {}, ['new', 'old']).read(value, now)?.subject, 'alice');
  assert.equal(sessionsOf({}, {}, ['new']).read(value, now), undefined);
});

test('what is sealed for one purpose is nothing for another, and never the same twice', () => {
  const keys = () => ['one'];
  const session = createSeal(keys, 'session');
  const sealed = session.close({ a: 1 });
  assert.deepEqual(session.open(sealed), { a: 1 });
  assert.equal(createSeal(keys, 'login').open(sealed), undefined);
  assert.notEqual(session.close({ a: 1 }), sealed);
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
    assert.equal(session.open(changed), undefined, `character ${i}`);
  }
  assert.equal(session.open(''), undefined);
});

test('what cannot be is refused, with the mend', () => {
  const bad = (more: object) => () => sessionsOf(more);
  assert.throws(bad({ redirectUrl: 'https://shop.example.com/' }), /needs a path of its own/);
  assert.throws(bad({ redirectUrl: 'https://shop.example.com/a?b=c' }), /nothing behind it/);
  assert.throws(bad({ redirectUrl: 'http://shop.example.com/callback' }), /over https/);
  assert.throws(bad({ signOut: '/callback' }), /is the path of redirectUrl already/);
  assert.throws(bad({ requestScopes: ['profile'] }), /must have openid/);
  assert.throws(bad({ algorithms: ['HS256'] }), /is for shared secrets/);
});
