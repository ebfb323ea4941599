import { copyFile, mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openCache, projectRoot } from './machine.ts';
import { attempt, run } from './run.ts';

/** Names for the Dockerfile's `BUILD_BASE` and `RUNTIME_BASE`. */
export interface BaseImages {
  readonly build: string;
  readonly runtime: string;
}

const suite = 'bookworm';

/**
 * Stand-ins for the public base images, made of Debian packages alone, so that the tests need no
 * registry. The runtime one holds what distroless/cc holds: no shell, no package manager.
 */
export async function prepareBaseImages(): Promise<BaseImages> {
  const runtime = await importRoot('runtime', 'extract', [
    'base-files',
    'netbase',
    'tzdata',
    'ca-certificates',
    'libc6',
    'libgcc-s1',
    'libstdc++6',
  ]);
  const debian = await importRoot('debian', 'minbase', ['ca-certificates', 'libatomic1']);
  return { build: await buildWithNode(debian), runtime };
}

/** Imports a root file system as an image; both are made once and kept. @returns the image's name */
export async function importRoot(
  name: string,
  variant: 'extract' | 'minbase',
  packages: readonly string[],
): Promise<string> {
  const image = `localhost/podmates-test/${name}:${suite}`;
  const tar = join(await openCache(), `${name}-${suite}.tar`);
  if ((await stat(tar).catch(() => undefined)) === undefined) {
    const unfinished = `${tar}.${process.pid}.tar`;
    const wanted = ['--variant', variant, '--include', packages.join(',')];
    await run('mmdebstrap', [...wanted, suite, unfinished], { timeoutMs: 300_000 });
    await rename(unfinished, tar);
  }
  const { code } = await attempt('podman', ['image', 'exists', image]);
  if (code !== 0) await run('podman', ['import', tar, image], { timeoutMs: 120_000 });
  return image;
}

/** Adds the node program that the project pins, and the npm of this machine, as the public image has. */
async function buildWithNode(debian: string): Promise<string> {
  const image = 'localhost/podmates-test/node:26';
  const context = await mkdtemp(join(tmpdir(), 'podmates-base-'));
  try {
    const authorities = process.env['NODE_EXTRA_CA_CERTS'];
    await mkdir(join(context, 'certificates'));
    if (authorities) await copyFile(authorities, join(context, 'certificates', 'extra.crt'));
    await writeFile(join(context, 'Containerfile'), containerfile(debian, Boolean(authorities)));
    const contexts = [
      `node=${join(projectRoot, 'node_modules/node/bin')}`,
      `npm=${await findNpm()}`,
      `certificates=${join(context, 'certificates')}`,
    ].flatMap((one) => ['--build-context', one]);
    await run('podman', ['build', '--layers', ...contexts, '-t', image, context], {
      timeoutMs: 300_000,
    });
    return image;
  } finally {
    await rm(context, { recursive: true });
  }
}

/** The folder of the npm that runs us, or else of the one on the PATH. */
async function findNpm(): Promise<string> {
  const program = process.env['npm_execpath'] ?? (await run('sh', ['-c', 'command -v npm']));
  return dirname(dirname(await realpath(program)));
}

/** With a proxy that has an authority of its own in between, npm answers only to who trusts it. */
function containerfile(debian: string, extraAuthorities: boolean): string {
  return [
    `FROM ${debian}`,
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'COPY --from=node node /usr/local/bin/node',
    'COPY --from=npm . /usr/local/lib/node_modules/npm',
    'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
    ...(extraAuthorities
      ? [
          'COPY --from=certificates extra.crt /etc/ssl/extra.crt',
          'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/extra.crt',
        ]
      : []),
    '',
  ].join('\n');
}
