import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callPodmates } from './call-podmates.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config');
const files = readdirSync(fixtures).filter((name) => name.startsWith('invalid-'));

/** What a fixture says that is wrong with it: its lines that begin with `#!`, in order. */
function expectedIn(file: string): readonly string[] {
  const lines = readFileSync(join(fixtures, file), 'utf8').split('\n');
  return lines.flatMap((line) => (line.startsWith('#! ') ? [line.slice(3)] : []));
}

test('there are broken files of many kinds', () => {
  assert.ok(files.length >= 12, `${files.length} files`);
});

for (const file of files) {
  test(`${file}: each error has its place, what was expected, and the mend`, async () => {
    const path = join(fixtures, file);
    const { code, stdout, stderr } = await callPodmates(['check', path]);
    const expected = expectedIn(file).map((problem) => `${path}:${problem}`);
    assert.deepEqual(stderr.trimEnd().split('\n'), expected);
    assert.equal(stdout, '');
    assert.equal(code, 2);
  });
}

test('several files are checked at once, and problems are data with --json', async () => {
  const paths = ['invalid-version.yaml', 'invalid-tab.yaml'].map((name) => join(fixtures, name));
  const { code, stdout } = await callPodmates(['check', '--json', ...paths]);
  assert.equal(code, 2);
  const [first, second] = JSON.parse(stdout);
  assert.deepEqual(first, {
    file: paths[0],
    line: 1,
    column: 10,
    path: 'version',
    message: 'expected 1 (got 2)',
  });
  assert.equal(second.file, paths[1]);
});

test('a good file is said to be well, on standard output', async () => {
  const file = join(import.meta.dirname, '../../examples/pod/podmates.yaml');
  const outcome = await callPodmates(['check', file]);
  assert.deepEqual(outcome, { code: 0, stdout: `${file}: well\n`, stderr: '' });
});

test('a file that is not there is named', async () => {
  const { code, stderr } = await callPodmates(['check', '/gone.yaml']);
  assert.equal(code, 2);
  assert.match(stderr, /^\/gone\.yaml:1:1: ENOENT/);
});
