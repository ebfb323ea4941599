import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../await-until.ts';
import { type ContainerProcess, startContainer } from '../container-process.ts';

interface Pod {
  readonly directory: string;
  readonly log: string;
  readonly output: string;
  /** The section with what a test adds to it. */
  section(more?: Readonly<Record<string, unknown>>): string;
  /** What came out so far, in lines. */
  lines(): string[];
}

function makePod(t: TestContext): Pod {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-flow-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [log, output] = [join(directory, 'app.log'), join(directory, 'output')];
  writeFileSync(output, '');
  return {
    directory,
    log,
    output,
    section: (more = {}) =>
      JSON.stringify({
        logTail: {
          state: join(directory, 'state'),
          inputs: { app: { paths: [log] } },
          checkpoint: { every: '100ms' },
          shutdown: { quiet: '100ms', deadline: '5s' },
          admin: { listen: '127.0.0.1:0' },
          ...more,
        },
      }),
    lines: () => readFileSync(output, 'utf8').split('\n').slice(0, -1),
  };
}

async function runToFile(
  t: TestContext,
  pod: Pod,
  more = {},
  within: readonly string[] = [],
): Promise<ContainerProcess> {
  const fd = openSync(pod.output, 'a');
  const running = await startContainer('log-tail', pod.section(more), { stdout: fd, within });
  closeSync(fd);
  t.after(() => running.stop('SIGKILL'));
  return running;
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `L${from + at}`);
const append = (path: string, lines: readonly string[]) =>
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));

test('SIGTERM while the app still writes (26): every line comes out, exit 0', async (t) => {
  const pod = makePod(t);
  append(pod.log, numbered(1, 1000));
  const running = await runToFile(t, pod, { shutdown: { quiet: '500ms', deadline: '10s' } });
  const code = running.stop('SIGTERM');
  let written = 1000;
  for (let burst = 0; burst < 34; burst++) {
    append(pod.log, numbered(written + 1, written + 500));
    written += 500;
    if (burst === 5) renameSync(pod.log, `${pod.log}.1`);
    await pause(60);
  }
  appendFileSync(pod.log, 'unfinished');
  assert.equal(await code, 0);
  assert.deepEqual(pod.lines(), [...numbered(1, written), 'unfinished']);
});

test('kill -9 at any time (11): nothing is missing, and only the newest lines come twice', async (t) => {
  const pod = makePod(t);
  let written = 0;
  const twice: string[] = [];
  for (let life = 0; life < 4; life++) {
    append(pod.log, numbered(written + 1, written + 300));
    written += 300;
    const running = await runToFile(t, pod);
    await awaitUntil(() => pod.lines().includes(`L${written}`), { what: 'the lines' });
    await pause(life * 70);
    await running.stop('SIGKILL');
    twice.push(...pod.lines().filter((line, at, all) => all.indexOf(line) !== at));
  }
  const running = await runToFile(t, pod);
  append(pod.log, ['end']);
  await awaitUntil(() => pod.lines().includes('end'), { what: 'the end' });
  assert.equal(await running.stop('SIGTERM'), 0);
  assert.deepEqual([...new Set(pod.lines())], [...numbered(1, written), 'end']);
});

test('the reader of standard output stalls (28): reading stops, then goes on exactly', async (t) => {
  const pod = makePod(t);
  const running = await startContainer('log-tail', pod.section(), { stdout: 'pipe' });
  t.after(() => running.stop('SIGKILL'));
  const { stdout } = running.child;
  assert.ok(stdout);
  stdout.pause();
  const line = 'x'.repeat(999);
  append(
    pod.log,
    Array.from({ length: 20_000 }, () => line),
  );
  const files = async (): Promise<{ offset: number; acknowledged: number }[]> =>
    (await (await fetch(`http://${running.addresses['admin']}/files`)).json()) as {
      offset: number;
      acknowledged: number;
    }[];
  let before = -1;
  await awaitUntil(
    async () => {
      const [file] = await files();
      const still = file !== undefined && file.offset > 0 && file.offset === before;
      before = file?.offset ?? -1;
      return still;
    },
    { what: 'reading to stop' },
  );
  assert.ok(before < 5_000_000, `read on to ${before}`);
  let bytes = 0;
  stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  stdout.resume();
  await awaitUntil(() => bytes === 20_000_000, { timeoutMs: 20_000, what: 'all of it' });
  assert.equal(await running.stop('SIGTERM'), 0);
  assert.equal(bytes, 20_000_000);
});

test('SIGTERM while standard output is stalled: it ends in time, says what is left, resumes', async (t) => {
  const pod = makePod(t);
  const shutdown = { quiet: '100ms', deadline: '1s' };
  const stalled = await startContainer('log-tail', pod.section({ shutdown }), { stdout: 'pipe' });
  t.after(() => stalled.stop('SIGKILL'));
  stalled.child.stdout?.pause();
  append(pod.log, numbered(1, 300_000));
  await pause(300);
  const code = stalled.stop('SIGTERM');
  assert.equal(await code, 1);
  const left = stalled.diagnostics.filter(({ msg }) => String(msg).startsWith('not finished'));
  assert.ok(left.length > 0);
  const chunks: Buffer[] = [];
  stalled.child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (stalled.child.stdout) await once(stalled.child.stdout, 'close');
  const running = await runToFile(t, pod);
  await awaitUntil(() => pod.lines().at(-1) === 'L300000', { what: 'the rest' });
  const first = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
  const seen = new Set([...first, ...pod.lines()]);
  assert.equal(numbered(1, 300_000).filter((line) => !seen.has(line)).length, 0);
  assert.equal(await running.stop('SIGTERM'), 0);
});

test('the reader of standard output is gone (28): non-zero exit, and nothing is lost', async (t) => {
  const pod = makePod(t);
  append(pod.log, numbered(1, 10));
  const running = await startContainer('log-tail', pod.section(), { stdout: 'pipe' });
  t.after(() => running.stop('SIGKILL'));
  const { stdout } = running.child;
  assert.ok(stdout);
  await once(stdout, 'data');
  stdout.destroy();
  const exited = once(running.child, 'exit');
  const writing = setInterval(() => append(pod.log, numbered(11, 20)), 50);
  t.after(() => clearInterval(writing));
  const [code] = await exited;
  clearInterval(writing);
  assert.equal(code, 1);
  const again = await runToFile(t, pod);
  await awaitUntil(() => pod.lines().includes('L20'), { what: 'the rest' });
  assert.equal(await again.stop('SIGTERM'), 0);
  assert.equal(pod.lines()[0], 'L11');
});

test('beside the app of a Job (27): it ends when the app says so, with the last line out', async (t) => {
  const pod = makePod(t);
  const done = join(pod.directory, 'done');
  append(pod.log, numbered(1, 100));
  const running = await runToFile(t, pod, { exitWhen: { file: done } });
  append(pod.log, numbered(101, 200));
  appendFileSync(pod.log, 'last');
  const exited = once(running.child, 'exit');
  writeFileSync(done, '');
  assert.equal((await exited)[0], 0);
  assert.deepEqual(pod.lines(), [...numbered(1, 200), 'last']);
});

test('what is no file to follow (23) is said once, however often it is seen', async (t) => {
  const pod = makePod(t);
  const path = (name: string) => join(pod.directory, name);
  mkdirSync(path('directory.log'));
  symlinkSync('loop.log', path('loop.log'));
  execFileSync('mkfifo', [path('pipe.log')]);
  const running = await runToFile(t, pod, { inputs: { app: { paths: [path('*.log')] } } });
  for (let line = 1; line <= 10; line++) {
    append(path(`${line}.log`), [`L${line}`]); // found by a scan
    await awaitUntil(() => pod.lines().length === line, { what: 'the line' });
  }
  const said = running.diagnostics.filter(({ msg }) => String(msg).startsWith('not followed: '));
  assert.deepEqual(said.map((one) => [one['path'], one['msg']]).sort(), [
    [path('directory.log'), 'not followed: not a regular file'],
    [path('loop.log'), 'not followed: ELOOP'],
    [path('pipe.log'), 'not followed: a named pipe; name it as `pipe:`'],
  ]);
  assert.equal(await running.stop('SIGTERM'), 0);
  assert.deepEqual(pod.lines(), numbered(1, 10));
});

/** Root may read what no mode allows; without these capabilities it may not. */
const asAnyUser =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];

test('a file that may not be read at first (14): from its beginning, one warning', async (t) => {
  const pod = makePod(t);
  append(pod.log, numbered(1, 10));
  append(join(pod.directory, 'other.log'), ['other']);
  chmodSync(pod.log, 0o000);
  const inputs = { app: { paths: [join(pod.directory, '*.log')] } };
  const running = await runToFile(t, pod, { inputs }, asAnyUser);
  await awaitUntil(() => pod.lines().includes('other'), { what: 'the other file' });
  append(join(pod.directory, 'other.log'), ['looked at again']);
  await awaitUntil(() => pod.lines().includes('looked at again'), { what: 'another look' });
  assert.equal(pod.lines().length, 2);
  chmodSync(pod.log, 0o644); // nothing is written to it after this
  await awaitUntil(() => pod.lines().includes('L10'), { what: 'the file' });
  const warnings = running.diagnostics.filter(({ msg }) =>
    String(msg).includes('cannot read the file'),
  );
  assert.equal(warnings.length, 1);
  assert.deepEqual(pod.lines().slice(2), numbered(1, 10));
  assert.equal(await running.stop('SIGTERM'), 0);
});

test('an output is added while lines come (32): the old one is exact', async (t) => {
  const pod = makePod(t);
  const running = await runToFile(t, pod);
  let written = 0;
  const writing = setInterval(() => {
    append(pod.log, numbered(written + 1, written + 50));
    written += 50;
  }, 10);
  t.after(() => clearInterval(writing));
  const added = join(pod.directory, 'added');
  await pause(150);
  const outputs = { stdout: {}, file: { path: added } };
  writeFileSync(running.file, pod.section({ outputs }));
  running.child.kill('SIGHUP');
  const reloaded = () => running.diagnostics.some(({ msg }) => msg === 'config reloaded');
  await awaitUntil(reloaded, { what: 'the reload' });
  await pause(150);
  const inputs = { app: { paths: [pod.log, join(pod.directory, 'new.log')] } };
  append(join(pod.directory, 'new.log'), ['new']);
  writeFileSync(running.file, pod.section({ outputs, inputs }));
  await awaitUntil(() => pod.lines().includes('new'), { what: 'the new input' });
  clearInterval(writing);
  assert.equal(await running.stop('SIGTERM'), 0);
  assert.deepEqual(
    pod.lines().filter((line) => line !== 'new'),
    numbered(1, written),
  );
  const late = readFileSync(added, 'utf8').split('\n').slice(0, -1);
  const first = Number(late[0]?.slice(1));
  assert.deepEqual(
    late.filter((line) => line !== 'new'),
    numbered(first, written),
  );
});
