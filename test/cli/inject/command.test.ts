import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const program = join(import.meta.dirname, '../../../sidecars/cli/podmates.ts');
const manifest = join(import.meta.dirname, 'manifests/deployment-commented.yaml');

async function inject(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [program, 'inject', ...args]);
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

test('standard input comes out of standard output, and back again by --remove', async () => {
  const original = readFileSync(manifest, 'utf8');
  const { code, stdout } = await inject(['--containers', 'adapter,log-tail'], original);
  assert.equal(code, 0);
  assert.match(stdout, /- name: log-tail\r\n/);
  assert.doesNotMatch(stdout, /- name: ambassador/);
  assert.equal((await inject(['--remove', '-'], stdout)).stdout, original);
});

test('--write changes the file, with the ConfigMap of the config that was named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-inject-'));
  const file = join(folder, 'deployment.yaml');
  const config = join(folder, 'podmates.yaml');
  copyFileSync(manifest, file);
  writeFileSync(config, 'adapter:\n  sources:\n    app: { url: "http://127.0.0.1:8080/stats" }\n');
  const { code, stdout } = await inject(['-c', config, '-w', file]);
  assert.deepEqual([code, stdout], [0, '']);
  const changed = readFileSync(file, 'utf8');
  assert.match(changed, /kind: ConfigMap/);
  assert.match(changed, /image: podmates\/adapter:\d/);
  await inject(['-c', config, '-w', file]);
  assert.equal(readFileSync(file, 'utf8'), changed);
  await inject(['--remove', '-w', file]);
  assert.deepEqual(readFileSync(file), readFileSync(manifest));
});

test('what cannot be done is said, with exit code 2', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /say which containers/],
    [['--containers', 'adaptor'], /"adaptor" is none of log-tail, ambassador, adapter/],
    [['--containers', 'adapter', '-w'], /--write needs files/],
    [['--containers', 'adapter', '/nonexistent.yaml'], /cannot read \/nonexistent\.yaml/],
    [['--contaners', 'adapter'], /did you mean/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await inject(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
  }
});

test('what is not YAML is said once, with its place', async () => {
  const broken = 'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: tabs\n';
  const { code, stderr } = await inject(['--containers', 'adapter'], broken);
  assert.equal(code, 2);
  assert.match(stderr, /^podmates: standard input:4:1: Tabs are not allowed as indentation$/m);
});

test('a file without pods is left as it is, and that is said', async () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n';
  const { code, stdout, stderr } = await inject(['--containers', 'adapter'], service);
  assert.deepEqual([code, stdout], [0, service]);
  assert.match(stderr, /standard input: has no pod/);
});

test('a config with errors goes into no manifest; variables may be those of the pod', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-inject-'));
  const config = join(folder, 'podmates.yaml');
  const source = (key: string) => `adapter:\n  sources:\n    app: { ${key}: "\${APP_STATS}" }\n`;
  writeFileSync(config, source('ulr'));
  const wrong = await inject(['-c', config, manifest]);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(
    wrong.stderr,
    /podmates\.yaml:3:12: adapter\.sources\.app\.ulr: .*did you mean "url"/,
  );
  assert.doesNotMatch(wrong.stderr, /APP_STATS/);
  writeFileSync(config, source('url'));
  const right = await inject(['-c', config, manifest]);
  assert.deepEqual([right.code, right.stderr], [0, '']);
});

test('a page that the adapter does not join is said, with the lines that join it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-inject-'));
  const config = join(folder, 'podmates.yaml');
  const sections = [
    'logTail: { inputs: { app: { paths: [/var/log/app/*.log] } }, outputs: { stdout: {} } }',
    'adapter:',
    '  sources:',
    '    app: { url: "http://127.0.0.1:8080/stats" }',
  ];
  writeFileSync(config, sections.join('\n'));
  const { code, stderr } = await inject(['-c', config, manifest]);
  assert.equal(code, 0);
  const [hint = '', source = ''] = stderr.trimEnd().split('\n');
  assert.match(hint, /does not join the page of log-tail.*add to adapter\.sources:$/);
  writeFileSync(config, [...sections, source].join('\n'));
  assert.equal((await inject(['-c', config, manifest])).stderr, '');
});
