import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { callPodmates } from './call-podmates.ts';
import { runPodmates } from './run-podmates.ts';

const example = join(import.meta.dirname, '../../examples/pod/podmates.yaml');
const main = readFileSync(join(import.meta.dirname, '../../sidecars/cli/main.ts'), 'utf8');
const commands = [...main.matchAll(/=> import\('\.\/([a-z-]+)(?:\/[a-z-]+)?\.ts'\)/g)].map(
  ([, name = '']) => name,
);

test('--version prints the version of the package', async () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const outcome = await runPodmates(['--version']);
  assert.deepEqual(outcome, { code: 0, stdout: `${JSON.parse(manifest).version}\n`, stderr: '' });
});

test('in a clone, npm run -s podmates -- is the program', async () => {
  const cwd = join(import.meta.dirname, '../..');
  const called = promisify(execFile)('npm', ['run', '-s', 'podmates', '--', '--version'], { cwd });
  assert.equal((await called).stdout, (await runPodmates(['--version'])).stdout);
});

test('--help names every command, and each explains itself', async () => {
  const { code, stdout } = await runPodmates(['--help']);
  assert.equal(code, 0);
  assert.ok(commands.length >= 7, commands.join());
  for (const command of commands) {
    assert.match(stdout, new RegExp(`^ {2}podmates ${command}\\b`, 'm'));
    const help = await callPodmates([command, '--help']);
    assert.equal(help.code, 0, command);
    assert.ok(help.stdout.startsWith(`podmates ${command}`), help.stdout);
    assert.equal(help.stderr, '');
  }
});

const mistakes: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
  'no command': [[], /^podmates: name a command\n\n/],
  'an unknown command': [['chek'], /^podmates: unknown command "chek"; did you mean "check"\?\n$/],
  'an inherited name': [['constructor'], /^podmates: unknown command "constructor"/],
  'an unknown command below another': [
    ['ambassador', 'hash-pasword', 'joe'],
    /^podmates: unknown command "ambassador hash-pasword"; did you mean "hash-password"\?\n$/,
  ],
  'a command below another that comes too late': [
    ['ambassador', '-c', example, 'explain', 'GET', '/'],
    /^podmates: unexpected argument "explain"; name what it is to do first: podmates ambassador explain\n$/,
  ],
  'an unknown option': [
    ['run', '--confg', 'x'],
    /^podmates: unknown option --confg; did you mean "--config"\?\n$/,
  ],
  'an option without its value': [['run', '-c'], /^podmates: .*--config/],
  'a superfluous argument': [['run', 'x'], /^podmates: unexpected argument "x"\n$/],
  'a log level that is none': [
    ['run', '-c', example, '--log-level', 'loud'],
    /^podmates: --log-level: expected one of trace/,
  ],
  'a log format that is none': [
    ['run', '-c', example, '--log-format', 'xml'],
    /^podmates: --log-format: expected json or pretty/,
  ],
  'a config file that is not there': [
    ['run', '-c', '/gone.yaml'],
    /^podmates: cannot read the config file \/gone\.yaml: .*; name one with -c FILE\n$/,
  ],
  'a number that is none': [
    ['demo', '--seconds', 'soon'],
    /^podmates: --seconds: expected a whole number from 1 to 86400 \(got "soon"\)\n$/,
  ],
  'nothing to check': [['check'], /^podmates: name a config file to check\n$/],
};

for (const [name, [args, complaint]] of Object.entries(mistakes)) {
  test(`${name} is wrong usage: exit 2, said on standard error`, async () => {
    const { code, stdout, stderr } = await callPodmates(args);
    assert.match(stderr, complaint);
    assert.equal(stdout, '');
    assert.equal(code, 2);
  });
}

test('the JSON Schema of the config has every section, with its words for editors', async () => {
  const { code, stdout } = await runPodmates(['schema']);
  assert.equal(code, 0);
  const schema = JSON.parse(stdout);
  assert.deepEqual(Object.keys(schema.properties), ['version', 'logTail', 'ambassador', 'adapter']);
  const { routes, upstream, upstreams } = schema.properties.ambassador.properties;
  assert.match(routes.description, /\w/);
  for (const { anyOf } of [upstream, upstreams.additionalProperties]) {
    const types = anyOf.map(({ type }: { readonly type: string }) => type);
    assert.deepEqual(types, ['string', 'object'], 'a URL, or a map that says more');
  }
  assert.match(upstream.description, /\w/);
  assert.deepEqual(findUnexplained(schema.properties.ambassador, 'ambassador'), []);
});

/** The paths of properties without a word for editors. */
function findUnexplained(schema: unknown, path: string): readonly string[] {
  const { properties = {}, anyOf, oneOf, items, additionalProperties } = Object(schema);
  const below = [anyOf ?? oneOf ?? [], items, additionalProperties].flat().filter(Boolean);
  const unexplained = Object.entries(properties).flatMap(([name, property]) => {
    const { description, const: only } = Object(property);
    const here = `${path}.${name}`;
    const own = description === undefined && only === undefined ? [here] : [];
    return [...own, ...findUnexplained(property, here)];
  });
  return [...unexplained, ...below.flatMap((one: unknown) => findUnexplained(one, path))];
}
