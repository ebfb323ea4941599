import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { buildImages } from '../images.ts';
import { projectRoot } from '../machine.ts';
import { run } from '../run.ts';
import { prepareAppImages } from './app-images.ts';

let folder = '';
let tarball = '';

before(
  async () => {
    await buildImages();
    await prepareAppImages();
    folder = await mkdtemp(join(tmpdir(), 'podmates-library-'));
    const said = await run('npm', ['pack', '--json', '--pack-destination', folder, projectRoot], {
      timeoutMs: 120_000,
    });
    const [{ filename }]: [{ filename: string }] = JSON.parse(said.slice(said.indexOf('[')));
    tarball = join(folder, filename);
  },
  { timeout: 900_000 },
);

after(() => rm(folder, { recursive: true, force: true }));

for (const source of globSync(join(projectRoot, 'examples/library-*')).sort()) {
  const name = basename(source);

  test(`examples/${name}: its Dockerfile builds on the packed library, and the program starts`, async () => {
    const context = join(folder, name);
    await cp(source, context, { recursive: true });
    await cp(tarball, join(context, 'package-podmates.tgz'));
    const manifest = JSON.parse(await readFile(join(context, 'package.json'), 'utf8'));
    manifest.dependencies.podmates = 'file:package-podmates.tgz';
    await writeFile(join(context, 'package.json'), JSON.stringify(manifest));
    const image = `localhost/podmates-test/${name}`;
    await run('podman', ['build', '--network', 'host', '-t', image, context], {
      timeoutMs: 300_000,
    });
    const container = await run('podman', [
      ...['run', '--detach', '--read-only', '--tmpfs', '/var/lib/podmates:mode=0777'],
      image,
    ]);
    try {
      const listening = await awaitUntil(
        async () => /\{"\w+":"[^"]*:\d+"/.exec(await run('podman', ['logs', container]))?.[0],
        { timeoutMs: 30_000, what: 'the program says where it listens' },
      );
      assert.match(listening, /:710\d"$/);
      await run('podman', ['stop', '--time', '20', container], { timeoutMs: 60_000 });
      assert.equal(
        await run('podman', ['inspect', '--format', '{{.State.ExitCode}}', container]),
        '0',
      );
    } finally {
      await run('podman', ['rm', '--force', '--time', '10', container]);
    }
  });
}
