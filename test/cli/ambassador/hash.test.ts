import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { parseKeyFile } from '../../../sidecars/ambassador/authenticate/api-key/key-file.ts';
import { hashKey } from '../../../sidecars/ambassador/index.ts';
import { callPodmates } from '../call-podmates.ts';

const run = (args: string, input?: string) =>
  callPodmates(['ambassador', ...args.split(' ').filter((word) => word !== '')], input);

test('hash-key prints an entry that the key file takes', async () => {
  const key = 'a key of more than twenty characters';
  const options = '--group editors --group staff --scope orders:read';
  const end = '2099-01-31T00:00:00Z';
  const ran = await run(`hash-key billing ${options} --expires ${end}`, `${key}\nmore\n`);
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  const identity = parseKeyFile(ran.stdout, 'keys', 'it').get(hashKey(key));
  assert.deepEqual(identity, {
    provider: 'it',
    subject: 'billing',
    groups: ['editors', 'staff'],
    scopes: ['orders:read'],
    claims: { name: 'billing' },
    expiresAt: Date.parse(end),
  });
});

test('hash-key --generate shows a new key once, apart from the entry', async () => {
  const first = await run('hash-key billing --generate');
  const second = await run('hash-key billing -g');
  const key = /shown only now: ([\w-]{43})$/.exec(first.stderr.trim())?.[1] ?? '';
  assert.ok(!first.stdout.includes(key));
  assert.ok(parseKeyFile(first.stdout, 'keys', 'it').has(hashKey(key)));
  assert.notEqual(first.stdout, second.stdout);
});

for (const [algorithm, verify] of [
  ['argon2', verifyArgon2],
  ['bcrypt', (hash: string, password: string) => verifyBcrypt(password, hash)],
] as const) {
  test(`hash-password prints a line that ${algorithm} itself verifies`, async () => {
    const ran = await run(`hash-password alice --algorithm ${algorithm}`, 'pässwörd : ✓\n');
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    const [, hash = ''] = /^alice:(.+)\n$/.exec(ran.stdout) ?? [];
    assert.ok(await verify(hash, 'pässwörd : ✓'));
  });
}

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['hash-key', '', /name whoever has the key/],
  ['hash-key billing s3cret', '', /name whoever has the key, once/],
  ['hash-key billing', '', /no key on standard input/],
  ['hash-key billing', 'short\n', /less than 20 characters is guessed; try --generate/],
  ['hash-key billing --expires tomorrow', 'x', /expected a time such as/],
  ['hash-key billing --key s3cret', '', /unknown option --key/],
  ['hash-password', '', /name the user/],
  ['hash-password alice s3cret', '', /name the user, once/],
  ['hash-password alice', '', /no password on standard input/],
  ['hash-password a:b', 'x', /no colon/],
  ['hash-password alice --algorithm md5', 'x', /expected argon2 or bcrypt/],
  ['hash-password alice --algorithm bcrypt', `${'x'.repeat(73)}\n`, /at most 72 bytes/],
  ['hash-password alice', 'tab\there\n', /no control characters/],
];

for (const [args, input, message] of wrong) {
  test(`ambassador ${args} < ${JSON.stringify(input.slice(0, 12))} exits 2 and says why`, async () => {
    const ran = await run(args, input);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '');
  });
}

test('each tool has its own help', async () => {
  for (const tool of ['hash-key', 'hash-password', 'explain']) {
    const { code, stdout } = await run(`${tool} --help`);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^podmates ambassador ${tool} `));
  }
});
