import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSecret, secret } from '../../../sidecars/core/config/secret.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podmates-secret-'));
});

after(() => rm(folder, { recursive: true }));

test('a secret file is read again when its content changes', async () => {
  const file = join(folder, 'token');
  await writeFile(file, 'first\n');
  const token = createSecret({ file });
  assert.equal(token.read(), 'first', 'one line end at the end is not part of it');
  await writeFile(file, 'the second one\r\n');
  assert.equal(token.read(), 'the second one');
});

test('a secret file is read again when the kubelet swaps its volume', async () => {
  const volume = await mkdtemp(join(folder, 'volume-'));
  await writeFile(join(volume, 'old'), 'old-secret');
  await writeFile(join(volume, 'new'), 'new-secret');
  await symlink('old', join(volume, 'token'));
  const token = createSecret({ file: join(volume, 'token') });
  assert.equal(token.read(), 'old-secret');
  await symlink('new', join(volume, 'next'));
  await rename(join(volume, 'next'), join(volume, 'token'));
  assert.equal(token.read(), 'new-secret');
});

test('a secret that cannot be read says which and why', () => {
  const gone = createSecret({ file: join(folder, 'gone') });
  assert.throws(() => gone.read(), { code: 'ERR_SECRET', message: /gone.*ENOENT/ });
  const unset = createSecret({ env: 'PODMATES_TEST_NOT_SET' });
  assert.throws(() => unset.read(), { code: 'ERR_SECRET', message: /PODMATES_TEST_NOT_SET/ });
});

test('a variable is looked up when it is used', (t) => {
  const token = createSecret({ env: 'PODMATES_TEST_SECRET' });
  t.after(() => {
    delete process.env['PODMATES_TEST_SECRET'];
  });
  process.env['PODMATES_TEST_SECRET'] = 'one';
  assert.equal(token.read(), 'one');
  process.env['PODMATES_TEST_SECRET'] = 'two';
  assert.equal(token.read(), 'two');
});

test('a config that is shown holds where a secret is, never what it is', async () => {
  const file = join(folder, 'shown');
  await writeFile(file, 'hunter2');
  const parsed = secret().parse({ file });
  parsed.read();
  assert.equal(JSON.stringify({ parsed }), `{"parsed":"(secret from file ${file})"}`);
});

test('a secret written into the config itself is refused', () => {
  assert.equal(secret().safeParse('hunter2').success, false);
  assert.equal(secret().safeParse({ file: '' }).success, false);
  assert.equal(secret().safeParse({ file: '/a', env: 'B' }).success, false);
});
