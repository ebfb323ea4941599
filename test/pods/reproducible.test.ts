import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BaseImages, prepareBaseImages } from './base-image.ts';
import { installPackages, projectRoot } from './machine.ts';
import { attempt, run } from './run.ts';

const builds = ['localhost/podmates-test/first', 'localhost/podmates-test/second'] as const;
let bases: BaseImages;

before(
  async () => {
    await installPackages();
    bases = await prepareBaseImages();
  },
  { timeout: 900_000 },
);

after(() => attempt('podman', ['image', 'rm', '--force', ...builds]));

/** What every image of the Dockerfile holds of ours, from nothing but the tree and its lockfile. */
async function build(image: string): Promise<string> {
  await run(
    'podman',
    [
      ...['build', '--no-cache', '--network', 'host', '--target', 'podmates', '--timestamp', '0'],
      ...[
        '--build-arg',
        `BUILD_BASE=${bases.build}`,
        '--build-arg',
        `RUNTIME_BASE=${bases.runtime}`,
      ],
      ...['-t', image, projectRoot],
    ],
    { timeoutMs: 600_000 },
  );
  return run('podman', ['inspect', '--format', '{{.Id}}', image]);
}

/** Every file below /opt/podmates with its mode and SHA-256. */
async function filesOf(image: string): Promise<readonly string[]> {
  const list = `import { createHash } from 'node:crypto';
    import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
    for (const entry of readdirSync('/opt/podmates', { recursive: true }).sort()) {
      const path = '/opt/podmates/' + entry;
      const stat = lstatSync(path);
      const content = stat.isFile() ? readFileSync(path) : stat.isSymbolicLink() ? readlinkSync(path) : '';
      console.log(stat.mode.toString(8), createHash('sha256').update(content).digest('hex'), path);
    }`;
  const node = [
    '--entrypoint',
    '/usr/local/bin/node',
    image,
    '--input-type=module',
    '--eval',
    list,
  ];
  return (await run('podman', ['run', '--rm', '--network', 'none', ...node])).split('\n');
}

test('the same tree gives the same image, byte for byte', { timeout: 900_000 }, async () => {
  const [first, second] = [await build(builds[0]), await build(builds[1])];
  const [files, again] = [await filesOf(builds[0]), await filesOf(builds[1])];
  assert.ok(files.length > 100, `${files.length} files`);
  const differing = files.filter((line) => !again.includes(line));
  assert.deepEqual(differing, [], 'files that differ');
  assert.deepEqual(again, files);
  assert.equal(second, first, 'the digest of the image, without its times');
});
