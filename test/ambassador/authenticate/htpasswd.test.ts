import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { brief, type Provider, provider } from './ask.ts';
import { testFile } from './file.ts';

/** Recorded from htpasswd of Debian's apache2-utils 2.4.71 (`-B -C 5`) and from @node-rs/argon2. */
const recorded = `# people
alice:$2y$05$1JhtM75hwVwLh9VeJ.TEaukdrIXWQDc1tI6zVec80QL1zP2OnQ.02

bob:$2y$05$nymtw/dOrgVRzeOITTQCmusUC8ZacI3tFZzEttOv9Ou/Y9IrIII4i\r
carol:$argon2id$v=19$m=1024,t=1,p=1$HDL4+Wn1RYfYSZZuZ7Yqow$dfOMUDridKmEIvg2GCCwaByHJBsu19qkymZmpxYEpII
`;

const users = (
  test: TestContext,
  text = recorded,
  more: Readonly<Record<string, unknown>> = {},
) => {
  const file = testFile(test, text);
  return { file, made: provider(test, { type: 'htpasswd', file: file.path, ...more }) };
};

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64');
const login = async (it: Provider, user: string, password: string) =>
  brief(await it.ask({ authorization: `Basic ${encode(`${user}:${password}`)}` }));

test('users prove themselves with their passwords, bcrypt and argon2, in UTF-8', async (t) => {
  const it = await users(t).made;
  assert.equal(await login(it, 'alice', 'wonderland'), 'alice');
  assert.equal(await login(it, 'bob', 'pässwörd: mit : und ✓'), 'bob');
  assert.equal(await login(it, 'carol', 'wonderland'), 'carol');
  assert.deepEqual(it.check?.(), { ok: true, message: '3 users' });
});

test('groups come from the config', async (t) => {
  const groups = { editors: ['alice', 'bob'], staff: ['carol'], guests: [] };
  const it = await users(t, recorded, { groups }).made;
  const finding = await it.ask({ authorization: `Basic ${encode('alice:wonderland')}` });
  assert.ok(finding.kind === 'proved');
  assert.deepEqual(finding.identity.groups, ['editors']);
});

test('a wrong password and an unknown user get the same answer', async (t) => {
  const it = await users(t).made;
  assert.equal(await login(it, 'alice', 'wonderlan'), 'rejected: password');
  assert.equal(await login(it, 'mallory', 'wonderland'), 'rejected: password');
  assert.equal(await login(it, '__proto__', 'wonderland'), 'rejected: password');
  assert.equal(await login(it, 'alice', ''), 'rejected: password');
});

test('an unknown user is checked against a hash as a known one is', async (t) => {
  const it = await users(t).made;
  await login(it, 'mallory', 'a');
  await login(it, 'alice', 'a');
  // Both went the long way: neither was answered without a promise, nor from memory.
  assert.equal(await it.metric('auth_cache_events_total{event="miss"}'), 2);
  const known = it.ask({ authorization: `Basic ${encode('alice:b')}` });
  const unknown = it.ask({ authorization: `Basic ${encode('mallory:b')}` });
  assert.ok(known instanceof Promise && unknown instanceof Promise);
  await Promise.all([known, unknown]);
});

test('no password of more than 72 bytes is good for bcrypt, which would look at 72 alone', async (t) => {
  const { hash } = await import('@node-rs/bcrypt');
  const long = 'x'.repeat(72);
  const it = await users(t, `dave:${await hash(long, { cost: 4, version: '2y' })}\n`).made;
  assert.equal(await login(it, 'dave', long), 'dave');
  assert.equal(await login(it, 'dave', `${long}y`), 'rejected: password');
  assert.equal(await login(it, 'dave', 'x'.repeat(10_000)), 'rejected: password');
});

test('a good login is remembered, a changed file forgets it', async (t) => {
  const { file, made } = users(t);
  const it = await made;
  await login(it, 'alice', 'wonderland');
  const again = it.ask({ authorization: `Basic ${encode('alice:wonderland')}` });
  assert.ok(!(again instanceof Promise));
  file.replace(recorded.replace(/^alice.*$/m, ''));
  await awaitUntil(async () => (await login(it, 'alice', 'wonderland')) === 'rejected: password', {
    what: 'the end of alice',
  });
});

test('a flood of logins is turned away when too many wait, and passes', async (t) => {
  const it = await users(t, recorded, { concurrency: 1 }).made;
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, i) => login(it, 'alice', `guess-${i}`)),
  );
  const count = (answer: string) => answers.filter((one) => one === answer).length;
  assert.equal(count('rejected: password'), 33); // one being checked, 32 waiting
  assert.equal(count('undecided: busy'), 87);
  assert.equal(await login(it, 'alice', 'wonderland'), 'alice');
});

test('the same login shown by many at once is checked once', async (t) => {
  const it = await users(t).made;
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => login(it, 'alice', 'wonderland')),
  );
  assert.deepEqual(new Set(answers), new Set(['alice']));
  assert.equal(await it.metric('auth_cache_events_total{event="miss"}'), 1);
  assert.equal(await it.metric('auth_cache_events_total{event="joined"}'), 49);
});

test('what is no Basic credential is rejected or absent', async (t) => {
  const it = await users(t).made;
  const ask = async (authorization: string) => brief(await it.ask({ authorization }));
  assert.equal(await ask('Basic'), 'absent');
  assert.equal(await ask('Bearer YWxpY2U6d29uZGVybGFuZA=='), 'absent');
  assert.equal(await ask('basic YWxpY2U6d29uZGVybGFuZA=='), 'alice');
  for (const bad of [
    'alice:wonderland',
    encode('alice'),
    encode(':wonderland'),
    encode('alice\0:wonderland'),
    encode('alice:wonder\r\nland'),
    encode(Buffer.from([0x61, 0x3a, 0xff])),
    `${encode('alice:wonderland')}, Basic x`,
  ]) {
    assert.equal(await ask(`Basic ${bad}`), 'rejected: malformed', bad);
  }
  assert.equal(await ask(`Basic ${encode(`a:${'x'.repeat(1_000_000)}`)}`), 'rejected: too_long');
});

test('it asks for UTF-8 (RFC 7617 section 2.1)', async (t) => {
  assert.equal((await users(t).made).challenge, 'Basic realm="it", charset="UTF-8"');
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['MD5', 'alice:$apr1$cjzRXMw.$d4tIAnr1fPcW8z/zsBhm91', /:1:1: .*is MD5.*htpasswd -B/],
  ['SHA-1', 'alice:{SHA}tiY7sUhYKUwI5L3866kDY+ENcrQ=', /is SHA-1.*htpasswd -B/],
  ['crypt', 'alice:gYjYw1qysVGD.', /neither bcrypt .* nor argon2/],
  ['SHA-256 crypt', 'alice:$5$DP2F8znDWjNzn.yn$zwHzAqQJypC2Zdoqqzh16z', /neither bcrypt/],
  ['a password in clear', '\nalice:wonderland', /:2:1: the hash of "alice"/],
  ['a bcrypt cost that nobody waits for', `a:$2y$31$${'a'.repeat(53)}`, /cost 4 to 16/],
  ['no colon', 'alice', /expected user:hash/],
  ['a user twice', `${recorded}${recorded}`, /"alice" stands here twice/],
];

for (const [what, text, message] of wrong) {
  test(`a password file with ${what} stops the start with the mend`, async (t) => {
    await assert.rejects(users(t, text).made, (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /wonderland|d4tIAnr1|tiY7s/);
      return true;
    });
  });
}
