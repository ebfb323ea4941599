import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { adapterSchema } from '../sidecars/adapter/index.ts';
import { ambassadorSchema } from '../sidecars/ambassador/index.ts';
import { readConfig } from '../sidecars/core/config/load.ts';
import { logTailSchema } from '../sidecars/log-tail/index.ts';

const root = join(import.meta.dirname, '..');
const documents = globSync('{*.md,{sidecars,examples,k8s,test}/**/README.md}', {
  cwd: root,
  exclude: ['**/node_modules/**'],
});
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('every file that a document links to is there', () => {
  assert.ok(documents.length >= 4, documents.join());
  const broken = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].flatMap(([, target = '']) =>
      existsSync(join(root, dirname(file), target)) ? [] : [`${file}: ${target}`],
    ),
  );
  assert.deepEqual(broken, []);
});

test('the configs that the documents show are valid', () => {
  const texts = documents.flatMap((file) =>
    [...read(file).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => ({
      file,
      text,
    })),
  );
  let checked = 0;
  for (const { file, text } of texts) {
    if (!/^(logTail|ambassador|adapter):/m.test(text)) continue;
    const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
    const environment = Object.fromEntries(names.map((name) => [name, 'set']));
    const source = readConfig({ text, file, environment });
    if (source.present.includes('logTail')) source.section('logTail', logTailSchema);
    if (source.present.includes('ambassador')) source.section('ambassador', ambassadorSchema);
    if (source.present.includes('adapter')) source.section('adapter', adapterSchema);
    checked++;
  }
  assert.ok(checked > 0);
});

test('the README opens with the two lines that a newcomer runs', () => {
  const [, first = '', second = ''] = read('README.md').split('\n');
  assert.match(first, /^npm ci && npm start -- --seconds 15\b/);
  assert.match(second, /^npm ci && npm test\b/);
});
