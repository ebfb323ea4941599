import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPodmates } from './run-podmates.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config');
const files = readdirSync(fixtures).filter((name) => name.startsWith('invalid-'));

/** What a fixture says that is wrong with it: its lines that begin with `#!`, in order. */
function expectedIn(file: string): readonly string[] {
  const lines = readFileSync(join(fixtures, file), 'utf8').split('\n');
  return lines.flatMap((line) => (line.startsWith('#! ') ? [`${file}:${line.slice(3)}`] : []));
}

test('there are broken files of many kinds', () => {
  assert.ok(files.length >= 12, `${files.length} files`);
});

for (const file of files) {
  test(`${file}: each error has its place, what was expected, and the mend`, async () => {
    const { code, stdout, stderr } = await runPodmates(['check', file], { cwd: fixtures });
    assert.deepEqual(stderr.trimEnd().split('\n'), expectedIn(file));
    assert.equal(stdout, '');
    assert.equal(code, 2);
  });
}

test('several files are checked at once, and problems are data with --json', async () => {
  const args = ['check', '--json', 'invalid-version.yaml', 'invalid-tab.yaml'];
  const { code, stdout } = await runPodmates(args, { cwd: fixtures });
  assert.equal(code, 2);
  const [first, second] = JSON.parse(stdout);
  assert.deepEqual(first, {
    file: 'invalid-version.yaml',
    line: 1,
    column: 10,
    path: 'version',
    message: 'expected 1 (got 2)',
  });
  assert.equal(second.file, 'invalid-tab.yaml');
});

test('a good file is said to be well, on standard output', async () => {
  const file = join(import.meta.dirname, '../../examples/pod/podmates.yaml');
  const outcome = await runPodmates(['check', file]);
  assert.deepEqual(outcome, { code: 0, stdout: `${file}: well\n`, stderr: '' });
});

test('a file that is not there is named', async () => {
  const { code, stderr } = await runPodmates(['check', 'gone.yaml'], { cwd: fixtures });
  assert.equal(code, 2);
  assert.match(stderr, /^gone\.yaml:1:1: ENOENT/);
});
