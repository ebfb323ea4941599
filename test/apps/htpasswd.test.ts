import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { brief, type Provider, provider } from '../ambassador/authenticate/ask.ts';
import { awaitUntil } from '../await-until.ts';
import { callPodmates } from '../cli/call-podmates.ts';
import { installPackages } from './install.ts';

before(() => installPackages('apache2-utils'));

/** htpasswd of Debian's apache2-utils. */
function htpasswd(...args: readonly string[]): void {
  execFileSync('htpasswd', args, { stdio: 'ignore' });
}

function newFile(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-htpasswd-'));
  test.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'users');
}

const login = async (it: Provider, user: string, password: string) => {
  const pair = Buffer.from(`${user}:${password}`).toString('base64');
  return brief(await it.ask({ authorization: `Basic ${pair}` }));
};

test('users that htpasswd -B writes log in, change and go, while the file is in use', async (t) => {
  const file = newFile(t);
  htpasswd('-cbB', file, 'alice', 'wonderland');
  const it = await provider(t, { type: 'htpasswd', file });
  assert.equal(await login(it, 'alice', 'wonderland'), 'alice');
  assert.equal(await login(it, 'bob', 'pässwörd ✓'), 'rejected: password');
  const soon = (user: string, password: string, answer: string) =>
    awaitUntil(async () => (await login(it, user, password)) === answer, {
      what: `${user}: ${answer}`,
    });
  htpasswd('-bB', '-C', '4', file, 'bob', 'pässwörd ✓');
  await soon('bob', 'pässwörd ✓', 'bob');
  htpasswd('-bB', file, 'alice', 'through the looking-glass');
  await soon('alice', 'wonderland', 'rejected: password');
  assert.equal(await login(it, 'alice', 'through the looking-glass'), 'alice');
  htpasswd('-D', file, 'bob');
  await soon('bob', 'pässwörd ✓', 'rejected: password');
});

for (const [flag, what] of [
  ['-m', /MD5/],
  ['-s', /SHA-1/],
  ['-d', /neither bcrypt/],
  ['-2', /neither bcrypt/],
  ['-5', /neither bcrypt/],
  ['-p', /neither bcrypt/],
] as const) {
  test(`what htpasswd ${flag} writes is refused with the mend`, async (t) => {
    const file = newFile(t);
    htpasswd('-cb', flag, file, 'alice', 'wonderland');
    await assert.rejects(provider(t, { type: 'htpasswd', file }), (error: Error) => {
      assert.match(error.message, what);
      assert.match(error.message, /htpasswd -B/);
      return true;
    });
  });
}

test('what podmates hash-password writes with bcrypt, htpasswd verifies', async (t) => {
  const file = newFile(t);
  const args = ['ambassador', 'hash-password', 'carol', '--algorithm', 'bcrypt'];
  const { stdout } = await callPodmates(args, 'hunter2 and more\n');
  htpasswd('-cbB', '-C', '4', file, 'alice', 'wonderland');
  appendFileSync(file, stdout);
  htpasswd('-vb', file, 'carol', 'hunter2 and more');
  assert.throws(() => htpasswd('-vb', file, 'carol', 'hunter3'));
});
