import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../sidecars');
const stages: Readonly<Record<string, readonly string[]>> = {
  'log-tail': ['follow', 'parse', 'shape', 'ship'],
  ambassador: ['accept', 'authenticate', 'authorize', 'forward'],
  adapter: ['fetch', 'map', 'publish'],
};

/** Above the stages: each may import the stages and those before it. */
const above: Readonly<Record<string, readonly string[]>> = { ambassador: ['policy', 'visit'] };

interface Import {
  readonly from: string;
  readonly to: string;
}

function readImports(): { files: readonly string[]; imports: readonly Import[] } {
  const files = globSync('**/*.ts', { cwd: root });
  const imports = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/(?:from|import\(|import) '(\.{1,2}\/[^']+)'/g)].map(
      ([, target = '']) => ({
        from: file,
        to: relative(root, join(root, dirname(file), target)),
      }),
    );
  });
  return { files, imports };
}

const patternOf = (file: string) => Object.keys(stages).find((name) => file.startsWith(`${name}/`));
const stageOf = (file: string) => {
  const [pattern = '', folder = ''] = file.split('/');
  return stages[pattern]?.includes(folder) ? folder : undefined;
};

/** 0 for a stage and whatever stands beside it, more for what is built on the stages. */
function levelOf(file: string): number {
  const [pattern = '', folder = ''] = file.split('/');
  return (above[pattern]?.indexOf(folder) ?? -1) + 1;
}

function complaint({ from, to }: Import): string | undefined {
  const pattern = patternOf(from);
  if (from.startsWith('core/') && !to.startsWith('core/')) return 'core imports nothing above it';
  if (pattern === undefined) return undefined;
  if (to.startsWith('cli/')) return 'no pattern imports the command line';
  const other = patternOf(to);
  if (other !== undefined && other !== pattern) return 'patterns never import each other';
  const stage = stageOf(from);
  const level = levelOf(from);
  if (stage === undefined && level === 0) return undefined;
  if (levelOf(to) > level) return 'what is below does not import what is built on it';
  if (/^[^/]+\/(index|pipeline)\.ts$/.test(to)) return 'a stage does not import what wires it';
  if (stage === undefined) return undefined;
  const otherStage = stageOf(to);
  if (otherStage !== undefined && otherStage !== stage)
    return 'sibling stages never import each other';
  return undefined;
}

test('imports go one way: cli, pattern, stage, core', () => {
  const { files, imports } = readImports();
  assert.ok(files.length > 20, `looked at ${files.length} files`);
  assert.ok(imports.length > 50, `looked at ${imports.length} imports`);
  const wrong = imports.flatMap((one) => {
    const reason = complaint(one);
    return reason === undefined ? [] : [`${one.from} -> ${one.to}: ${reason}`];
  });
  assert.deepEqual(wrong, []);
});

test('the import rule notices a breach of each kind', () => {
  const breaches: readonly Import[] = [
    { from: 'core/a.ts', to: 'adapter/sample.ts' },
    { from: 'adapter/index.ts', to: 'cli/main.ts' },
    { from: 'adapter/map/a.ts', to: 'ambassador/identity.ts' },
    { from: 'adapter/map/a.ts', to: 'adapter/fetch/b.ts' },
    { from: 'log-tail/ship/a.ts', to: 'log-tail/pipeline.ts' },
    { from: 'ambassador/forward/a.ts', to: 'ambassador/policy/gate.ts' },
    { from: 'ambassador/policy/a.ts', to: 'ambassador/visit/visit.ts' },
    { from: 'ambassador/visit/a.ts', to: 'ambassador/pipeline.ts' },
  ];
  for (const breach of breaches) assert.notEqual(complaint(breach), undefined, breach.from);
});

/** An import of a package, also by a variable whose type hides its name from the compiler. */
const namesPackage = (text: string, name: string) =>
  new RegExp(`(?:from|import\\(|: string =) ?'${name}'`).test(text);

const owners: Readonly<Record<string, RegExp>> = {
  fastify: /^(core\/admin\/|cli\/demo\/)/,
  pino: /^core\/logger\.ts$/,
  'pino-pretty': /^core\/logger\.ts$/,
  'json-p3': /^adapter\/map\/pick\/jsonpath\.ts$/,
  esbuild: /^image\/(bundle|late-builtins|parts-of-packages)\.ts$/,
  undici: /^core\/http\//,
  yaml: /^(core\/config\/|cli\/|adapter\/)/,
  '@node-rs/argon2': /^ambassador\/authenticate\/htpasswd\//,
  '@node-rs/bcrypt': /^ambassador\/authenticate\/htpasswd\//,
  jose: /^$/,
  re2js: /^core\/linear-regex\/compile\.ts$/,
  '@msgpack/msgpack': /^log-tail\/ship\/receivers\/forward(-message)?\.ts$/,
  '@platformatic/kafka': /^log-tail\/ship\/receivers\/kafka-client\.ts$/,
  '@prometheus-io/client': /^core\/metrics\.ts$/,
  tail: /^$/,
  'http-proxy': /^$/,
};

test('a third-party package stands behind the files named for it', () => {
  const { files } = readImports();
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return Object.entries(owners).flatMap(([name, allowed]) =>
      namesPackage(text, name) && !allowed.test(file) ? [`${file}: ${name}`] : [],
    );
  });
  assert.deepEqual(wrong, []);
});

test('a package that is imported by a variable is seen', () => {
  const name = '@platformatic/kafka';
  const file = 'log-tail/ship/receivers/kafka-client.ts';
  assert.ok(namesPackage(readFileSync(join(root, file), 'utf8'), name));
  assert.ok(!namesPackage(`throw new Error('${name}')`, name));
});
