import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { watchFile } from '../../../sidecars/core/config/watch.ts';
import { awaitUntil } from '../../await-until.ts';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-watch-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

function watching(t: TestContext, file: string, text: string, pollMs?: number) {
  const seen: string[] = [];
  const errors: unknown[] = [];
  const watch = watchFile({
    file,
    text,
    ...(pollMs === undefined ? {} : { pollMs }),
    onChange: (changed) => seen.push(changed),
    onError: (error) => errors.push(error),
  });
  t.after(() => watch.close());
  const until = (last: string) =>
    awaitUntil(() => seen.at(-1) === last, { timeoutMs: 10_000, what: `the text ${last}` });
  return { watch, seen, errors, until };
}

test('an edit in place and a replacement by rename are both seen', async (t) => {
  const file = join(await folderFor(t), 'podmates.yaml');
  await writeFile(file, 'one');
  const { seen, until } = watching(t, file, 'one');
  await writeFile(file, 'two');
  await until('two');
  await writeFile(`${file}.new`, 'three');
  await rename(`${file}.new`, file);
  await until('three');
  assert.deepEqual(seen, ['two', 'three']);
});

test("the swap of a ConfigMap's ..data link is seen", async (t) => {
  const folder = await folderFor(t);
  for (const generation of ['..1', '..2']) {
    await mkdir(join(folder, generation));
    await writeFile(join(folder, generation, 'podmates.yaml'), generation);
  }
  await symlink('..1', join(folder, '..data'));
  const file = join(folder, 'podmates.yaml');
  await symlink(join('..data', 'podmates.yaml'), file);
  const { until } = watching(t, file, '..1');
  // As the kubelet does it (AtomicWriter): a new link beside the old one, renamed over it.
  await symlink('..2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await until('..2');
});

test('a change between the first reading and the watch is seen', async (t) => {
  const file = join(await folderFor(t), 'podmates.yaml');
  await writeFile(file, 'already another');
  const { until } = watching(t, file, 'what was read');
  await until('already another');
});

test('a file that is gone for a while keeps the old text and comes back', async (t) => {
  const file = join(await folderFor(t), 'podmates.yaml');
  await writeFile(file, 'one');
  const { errors, until } = watching(t, file, 'one', 20);
  await unlink(file);
  await writeFile(file, 'two');
  await until('two');
  assert.deepEqual(errors, []);
});

test('asked to look, it reports the same text too, and an unreadable file as an error', async (t) => {
  const file = join(await folderFor(t), 'podmates.yaml');
  await writeFile(file, 'one');
  const { watch, seen, errors } = watching(t, file, 'one');
  await watch.look();
  assert.deepEqual(seen, ['one']);
  await unlink(file);
  await watch.look();
  assert.equal(errors.length, 1);
});
