import assert from 'node:assert/strict';
import fs, { renameSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { append, follow, makeDirectory, numbered } from './harness.ts';

function withoutInotify(t: TestContext, code: 'ENOSPC' | 'EMFILE'): void {
  t.mock.method(fs, 'watch', () => {
    throw Object.assign(new Error(`${code}: no more watches`), { code });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

test('the kernel has no more watches (29): exact by polling, and the gauge says so', async (t) => {
  withoutInotify(t, 'ENOSPC');
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 10));
  const app = await follow(t, directory);
  await app.until(10);
  assert.equal(await app.metric('podmates_log_tail_directory_watch'), 0);
  append(path, numbered(11, 20));
  renameSync(path, `${path}.1`);
  append(path, numbered(21, 30));
  await app.until(30);
  append(join(directory, 'new.log'), ['new']);
  await app.until(31);
  assert.deepEqual(app.lines(), [...numbered(1, 30), 'new']);
});

test('with watches the gauge is 1, and a file in a directory made later is found', async (t) => {
  const directory = makeDirectory(t);
  const app = await follow(t, directory, { input: { paths: [join(directory, '*/*.log')] } });
  fs.mkdirSync(join(directory, 'later'));
  append(join(directory, 'later/app.log'), ['L1']);
  await app.until(1);
  append(join(directory, 'later/app.log'), ['L2']);
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2']);
  assert.equal(await app.metric('podmates_log_tail_directory_watch'), 1);
});

test('what is written to a file beside that is not followed is not looked into', async (t) => {
  const directory = makeDirectory(t);
  append(join(directory, 'app.log'), ['L1']);
  append(join(directory, 'app.db'), ['no log']);
  fs.linkSync(join(directory, 'app.log'), join(directory, 'same.log'));
  const app = await follow(t, directory);
  await app.until(1);
  const looks = t.mock.method(fs, 'statSync');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  for (let write = 0; write < 30; write++) {
    append(join(directory, 'app.db'), ['no log']);
    await new Promise((resolve) => setTimeout(resolve, 20)); // or they would count as one
  }
  const count = looks.mock.callCount();
  assert.ok(count < 30, `${count} looks for 30 writes`);
  append(join(directory, 'same.log'), ['L2']); // the same file by another name
  await app.until(2);
  assert.deepEqual(app.lines(), ['L1', 'L2']);
});

test('the wall clock jumps by a day (22): nothing is closed early, nothing comes twice', async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, 'app.log');
  append(path, numbered(1, 5));
  const app = await follow(t, directory, { input: { grace: '1h' } });
  await app.until(5);
  const real = Date.now;
  t.mock.method(Date, 'now', () => real() + 86_400_000);
  renameSync(path, `${path}.1`);
  append(`${path}.1`, numbered(6, 8));
  append(path, numbered(9, 12));
  await app.until(12);
  t.mock.method(Date, 'now', () => real() - 86_400_000);
  append(path, numbered(13, 15));
  await app.until(15);
  assert.deepEqual(app.lines(), numbered(1, 15));
  const open = app.follower.files().filter((file) => file.open);
  assert.equal(open.length, 2);
});

test('few files may be open: others are closed and opened again, and nothing is lost (18)', async (t) => {
  const directory = makeDirectory(t);
  const count = 60;
  for (let at = 0; at < count; at++) append(join(directory, `${at}.log`), [`${at} first`]);
  const app = await follow(t, directory, { section: { maxOpenFiles: 8 } });
  await app.until(count);
  for (let at = 0; at < count; at++) append(join(directory, `${at}.log`), [`${at} second`]);
  await app.until(2 * count);
  assert.equal(new Set(app.lines()).size, 2 * count);
  assert.ok((await app.metric('podmates_log_tail_open_files')) <= 8);
  assert.equal(await app.metric('podmates_log_tail_files'), count);
});
