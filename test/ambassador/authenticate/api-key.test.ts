import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hashKey } from '../../../sidecars/ambassador/authenticate/api-key/hash.ts';
import { awaitUntil } from '../../await-until.ts';
import { brief, provider } from './ask.ts';
import { testFile } from './file.ts';

const keys = (test: TestContext, text: string, more: Readonly<Record<string, unknown>> = {}) => {
  const file = testFile(test, text);
  return {
    file,
    made: provider(test, { type: 'apiKey', file: file.path, ...more }),
  };
};

const two = `
- name: billing
  hash: ${hashKey('first-key')}
  groups: [editors, staff]
  scopes: [orders:read]
- name: billing
  hash: ${hashKey('second-key')}
- name: partner
  hash: ${hashKey('old-key')}
  expires: 2020-01-01T00:00:00Z
- name: guest
  hash: ${hashKey('guest-key')}
  expires: 2100-01-01T00:00:00+02:00
`;

test('a key stands for its name, groups and scopes', async (t) => {
  const it = await keys(t, two).made;
  const finding = await it.ask({ 'x-api-key': 'first-key' });
  assert.ok(finding.kind === 'proved');
  const { subject, groups, scopes, provider: by } = finding.identity;
  assert.deepEqual(
    { subject, groups, scopes, by },
    {
      subject: 'billing',
      groups: ['editors', 'staff'],
      scopes: ['orders:read'],
      by: 'it',
    },
  );
  assert.equal(brief(await it.ask({ 'x-api-key': 'second-key' })), 'billing');
  assert.ok(!(it.ask({ 'x-api-key': 'second-key' }) instanceof Promise));
});

test('the hash of a key is no key, nor is anything but the key itself', async (t) => {
  const it = await keys(t, two).made;
  for (const key of [
    hashKey('first-key'),
    hashKey('first-key').slice('sha256:'.length),
    'first-key ',
    'FIRST-KEY',
    'billing',
    '__proto__',
    'x'.repeat(10_000),
  ]) {
    assert.equal(brief(await it.ask({ 'x-api-key': key })), 'rejected: unknown_key');
  }
  assert.equal(brief(await it.ask({ 'x-api-key': 'x'.repeat(20_000) })), 'rejected: too_long');
});

test('no key, or an empty one, is no credential', async (t) => {
  const it = await keys(t, two).made;
  assert.equal(brief(await it.ask()), 'absent');
  assert.equal(brief(await it.ask({ 'x-api-key': '' })), 'absent');
  assert.equal(brief(await it.ask({ authorization: 'Bearer first-key' })), 'absent');
});

test('a key ends when it expires', async (t) => {
  const it = await keys(t, two).made;
  assert.equal(brief(await it.ask({ 'x-api-key': 'old-key' })), 'rejected: expired');
  assert.equal(brief(await it.ask({ 'x-api-key': 'guest-key' })), 'guest');
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2099-12-31T22:00:00Z') });
  assert.equal(brief(await it.ask({ 'x-api-key': 'guest-key' })), 'rejected: expired');
});

test('a key may stand behind a scheme in Authorization', async (t) => {
  const it = await keys(t, two, { header: 'Authorization', scheme: 'ApiKey' }).made;
  assert.equal(brief(await it.ask({ authorization: 'apikey first-key' })), 'billing');
  assert.equal(brief(await it.ask({ authorization: 'first-key' })), 'absent');
  assert.equal(it.challenge, 'ApiKey realm="it", header="authorization"');
  assert.deepEqual(it.credentialHeaders, ['authorization']);
});

test('a changed file is in force soon, a bad one never', async (t) => {
  const { file, made } = keys(t, two);
  const it = await made;
  file.replace('- name: billing\n  hash: nonsense\n');
  await awaitUntil(async () => (await it.metric('auth_refreshes_total{result="error"}')) === 1, {
    what: 'the refusal of the bad file',
  });
  assert.equal(brief(await it.ask({ 'x-api-key': 'first-key' })), 'billing');
  file.replace(`- name: new\n  hash: ${hashKey('new-key')}\n`);
  await awaitUntil(async () => brief(await it.ask({ 'x-api-key': 'new-key' })) === 'new', {
    what: 'the new key',
  });
  assert.equal(brief(await it.ask({ 'x-api-key': 'first-key' })), 'rejected: unknown_key');
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  [
    'a hash of another kind',
    '- {name: a, hash: md5:abc}',
    /:1:19: \[0\]\.hash: expected sha256:[^(]*$/,
  ],
  ['a key in clear', '- {name: a, key: s3cret}', /\[0\]\.key: unknown key/],
  ['no name', `- hash: ${hashKey('a')}`, /\[0\]\.name: missing/],
  ['a line end in a name', `- {name: "a\\nb", hash: "${hashKey('a')}"}`, /control characters/],
  [
    'the same key twice',
    `- {name: a, hash: "${hashKey('a')}"}\n- {name: b, hash: "${hashKey('a')}"}`,
    /:2:19: \[1\]\.hash: this key stands here twice/,
  ],
  [
    'a time that is none',
    `- {name: a, hash: "${hashKey('a')}", expires: tomorrow}`,
    /expected a time such as/,
  ],
  ['no list', 'name: a', /expected a list/],
];

for (const [what, text, message] of wrong) {
  test(`a key file with ${what} stops the start and says where`, async (t) => {
    await assert.rejects(keys(t, text).made, message);
  });
}
