import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as adapter from '../../sidecars/adapter/index.ts';
import * as ambassador from '../../sidecars/ambassador/index.ts';
import * as root from '../../sidecars/index.ts';
import * as logTail from '../../sidecars/log-tail/index.ts';
import { projectRoot, run } from './npm.ts';

const entries: Readonly<Record<string, object>> = {
  podmates: root,
  'podmates/adapter': adapter,
  'podmates/ambassador': ambassador,
  'podmates/log-tail': logTail,
};

let folder = '';
let tarball = '';
let contents: readonly string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podmates-package-'));
  const packed = await run(projectRoot, 'npm', ['pack', '--json', '--pack-destination', folder]);
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(
    packed.slice(packed.indexOf('[')),
  );
  tarball = join(folder, filename);
  contents = files.map(({ path }) => path);
  await writeFile(join(folder, 'package.json'), '{"name": "consumer", "type": "module"}');
  await run(folder, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
});

after(() => rm(folder, { recursive: true }));

test('the tarball holds what is run, and neither sources nor tests', () => {
  for (const needed of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']) {
    assert.ok(contents.includes(needed), needed);
  }
  const wrong = contents.filter((path) => /(?<!\.d)\.ts$|\.map$|\.test\./.test(path));
  assert.deepEqual(
    wrong.filter((path) => !path.startsWith('examples/')),
    [],
  );
});

test('every entry point exports in the package what it exports in the sources', async () => {
  const script = `
    const names = {};
    for (const entry of ${JSON.stringify(Object.keys(entries))}) names[entry] = Object.keys(await import(entry));
    console.log(JSON.stringify(names));`;
  const names = await run(folder, 'node', ['--input-type=module', '--eval', script]);
  const expected = Object.entries(entries).map(([entry, module]) => [entry, Object.keys(module)]);
  assert.deepEqual(JSON.parse(names), Object.fromEntries(expected));
});

test('the types hold in a strict project of somebody else', async () => {
  const lines = Object.keys(entries).map(
    (entry, index) => `import * as entry${index} from '${entry}';\nvoid entry${index};`,
  );
  await writeFile(join(folder, 'consumer.ts'), lines.join('\n'));
  const options = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules/@types')],
  };
  const project = { compilerOptions: options, files: ['consumer.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  await run(folder, 'tsc', ['-p', folder]);
});

test('the command is there and runs', async () => {
  const manifest: unknown = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
  const version = await run(folder, 'npx', ['--no-install', 'podmates', '--version']);
  assert.equal(version.trim(), Object(manifest).version);
  await access(join(projectRoot, 'dist/cli/podmates.js'), constants.X_OK);
});

test('the demo runs from the package, as compiled', async () => {
  const args = ['--no-install', 'podmates', 'demo', '--seconds', '2', '--port', '0'];
  const said = await run(folder, 'npx', args);
  assert.match(said, /ok +every line came out once/);
});

test('publint and attw find nothing', async () => {
  await run(folder, 'publint', ['--strict', join(folder, 'node_modules/podmates')]);
  await run(folder, 'attw', ['--profile', 'esm-only', '--no-emoji', tarball]);
});
