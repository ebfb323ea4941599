import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as adapter from '../../sidecars/adapter/index.ts';
import * as ambassador from '../../sidecars/ambassador/index.ts';
import * as root from '../../sidecars/index.ts';
import * as logTail from '../../sidecars/log-tail/index.ts';
import { projectRoot, run } from './npm.ts';

// What the images have in /opt/podmates, made here as the Dockerfile makes it there.
let folder = '';
let podmates = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podmates-image-'));
  await run(projectRoot, 'node', ['sidecars/image/make.ts', join(folder, 'opt')]);
  podmates = join(folder, 'opt/dist/cli/podmates.js');
});

after(() => rm(folder, { recursive: true }));

test('every entry point exports in the image what it exports in the sources', async () => {
  const entries = { index: root, 'adapter/index': adapter, 'ambassador/index': ambassador };
  for (const [entry, module] of Object.entries({ ...entries, 'log-tail/index': logTail })) {
    const script = `console.log(JSON.stringify(Object.keys(await import('./opt/dist/${entry}.js'))))`;
    const names = await run(folder, 'node', ['--input-type=module', '--eval', script]);
    assert.deepEqual(JSON.parse(names), Object.keys(module), entry);
  }
});

test('a source is fetched, and a module from elsewhere is read by the library of the image', async (t) => {
  const app = createServer((_request, response) => response.end('7')).listen(0, '127.0.0.1');
  t.after(() => app.close());
  await once(app, 'listening');
  const address = app.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const module = join(folder, 'mine.ts');
  await writeFile(
    module,
    `import { defineAdapter } from 'podmates/adapter';
     export default defineAdapter({
       name: 'mine',
       collect(input, metrics) { metrics.gauge('answer').add(Number(input.text())); },
     });`,
  );
  const config = join(folder, 'podmates.yaml');
  await writeFile(
    config,
    `adapter: {sources: {app: {url: "http://127.0.0.1:${port}/", module: ${module}}}}`,
  );
  const page = await run(folder, 'node', [podmates, 'adapter', '--once', '-c', config]);
  assert.match(page, /^answer 7$/m);
});

test('the demo runs, with its page and packages', async () => {
  const said = await run(folder, 'node', [podmates, 'demo', '--seconds', '2', '--port', '0']);
  assert.match(said, /ok +every line came out once/);
});

test('for people, diagnostics are written by the printer of the bundle', async () => {
  const config = join(folder, 'pretty.yaml');
  await writeFile(
    config,
    `logTail: {admin: {listen: "127.0.0.1:0"}, inputs: {app: {paths: [${folder}/*.log]}}}`,
  );
  const args = [podmates, 'log-tail', '-c', config, '--log-format', 'pretty'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    const started = said.includes('log-tail started');
    said += chunk;
    if (!started && said.includes('log-tail started')) child.kill('SIGTERM');
  }
  assert.match(
    said,
    /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO \(log-tail\): log-tail started\n {4}container: "log-tail"$/m,
  );
  assert.match(said, /stopped/);
});

test('passwords are hashed by the programs left beside the bundle', async () => {
  const hashes = `const { hashPassword } = await import('./opt/dist/ambassador/index.js');
    console.log(await hashPassword('secret', 'bcrypt'), await hashPassword('secret', 'argon2'));`;
  const said = await run(folder, 'node', ['--input-type=module', '--eval', hashes]);
  assert.match(said, /\$2[aby]\$\S+ \$argon2id\$\S+/);
});

test('each package that is there, joined or apart, is in the list and in the notices', async () => {
  const notices = await readFile(join(folder, 'opt/THIRD-PARTY-NOTICES'), 'utf8');
  const noticed = [...notices.matchAll(/^(\S+) (\S+), .*\n=+$/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  );
  const sbom: { components: { name: string; version: string }[] } = JSON.parse(
    await readFile(join(folder, 'opt/sbom.cdx.json'), 'utf8'),
  );
  const listed = sbom.components.map(({ name, version }) => `${name}@${version}`);
  assert.deepEqual(listed.sort(), noticed.sort());
  for (const name of ['fastify@', 'undici@', '@node-rs/bcrypt@', 'uplot@']) {
    assert.ok(
      listed.some((one) => one.startsWith(name)),
      name,
    );
  }
  assert.doesNotMatch(notices, /^typescript /m);
  const texts = notices.split(/^\S+ \S+, .*\n=+\n/m).slice(1);
  assert.equal(texts.length, noticed.length);
  for (const text of texts) assert.match(text, /copyright|without (warranty|limitation)/i);
  assert.match(notices, /^abstract-logging .*\n=+\n\nCopyright \(c\) James Sumners/m);
});
