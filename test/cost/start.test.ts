import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadedAtStart } from './loaded.ts';
import { restingConfigs } from './resting-configs.ts';

const root = join(import.meta.dirname, '../..');

/** Asked for by what few configs have, by the first request, or by nobody: never at the start. */
const late = [
  '@node-rs/argon2',
  '@node-rs/bcrypt',
  '@fastify/ajv-compiler',
  'ajv',
  'json-schema-ref-resolver', // of fast-json-stringify, whose number writer alone fastify has for errors
  'light-my-request',
  'pino-pretty',
  'undici',
];

/** Of Node itself, as the images ask for it: for TLS, HTTP/2, compression, and a second undici for fetch. */
const lateOfNode = ['http2', 'https', 'internal/deps/undici/undici', 'tls', 'zlib'];

/** What a container of the images reads at its start, in KiB: 10 % above what it was in November 2026. */
const limits: Readonly<Record<string, number>> = {
  'log-tail': 1480,
  ambassador: 1170,
  adapter: 1500,
};

let image = '';

before(() => {
  image = mkdtempSync(join(tmpdir(), 'podmates-start-'));
  execFileSync(process.execPath, [join(root, 'sidecars/image/make.ts'), image]);
});

after(() => rmSync(image, { recursive: true }));

for (const [name, config] of Object.entries(restingConfigs)) {
  test(`${name} loads its own part alone, and no package before it is needed`, async () => {
    const loaded = await loadedAtStart(name, config);
    assert.ok(loaded.length > 100, `${loaded.length} files`);
    const others = Object.keys(restingConfigs).filter((other) => other !== name);
    const foreign = others.map((other) => join(root, 'sidecars', other, '/'));
    assert.deepEqual(
      loaded.filter((file) => foreign.some((folder) => file.startsWith(folder))),
      [],
    );
    const packages = new Set(
      loaded.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
    );
    assert.ok(packages.has('fastify'));
    assert.deepEqual(
      late.filter((one) => packages.has(one)),
      [],
    );
  });

  test(`${name} opens few files in the image, and reads no more than it did`, async (t) => {
    const loaded = await loadedAtStart(name, config, join(image, 'dist/cli/podmates.js'));
    const own = loaded.filter((file) => file.startsWith(image));
    // A character above U+00FF makes V8 keep the whole text in two bytes each.
    assert.deepEqual(
      own.filter((file) => /[^\0-\xff]/.test(readFileSync(file, 'utf8'))),
      [],
    );
    const kilobytes = own.reduce((sum, file) => sum + statSync(file).size, 0) / 1024;
    t.diagnostic(`${own.length} files, ${kilobytes.toFixed(0)} KiB`);
    assert.ok(own.length > 2 && own.length < 40, `${own.length} files`);
    const limit = limits[name] ?? 0;
    assert.ok(kilobytes > limit / 2 && kilobytes < limit, `${kilobytes.toFixed(0)} KiB`);
    const ofNode = new Set(loaded.filter((file) => file.startsWith('node:')));
    assert.ok(ofNode.has('node:net') && ofNode.has('node:http'));
    assert.deepEqual(
      lateOfNode.filter((one) => ofNode.has(`node:${one}`)),
      [],
    );
  });
}
