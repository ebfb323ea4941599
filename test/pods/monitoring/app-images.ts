import { importRoot } from '../base-image.ts';
import { run } from '../run.ts';

/**
 * Gives the public names of the apps' images in `examples/` to stand-ins made of Debian packages, so
 * that the manifests run as they are and no registry is asked.
 */
export async function prepareAppImages(): Promise<void> {
  await run('podman', ['tag', 'localhost/podmates-test/node:26', nodeImage]);
  await giveName(
    'docker.io/library/nginx:1.28',
    await importRoot('nginx', 'extract', ['nginx-light']),
  );
  await giveName(
    'docker.io/library/nats:2.10',
    await importRoot('nats', 'extract', ['nats-server']),
  );
}

const nodeImage = 'docker.io/library/node:26-bookworm-slim';

/** An imported root has no settings at all; programs are named without their folder. */
async function giveName(name: string, root: string): Promise<void> {
  const input = `FROM ${root}\nENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n`;
  await run('podman', ['build', '--tag', name, '-'], { input, timeoutMs: 120_000 });
}
