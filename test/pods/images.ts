import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareBaseImages } from './base-image.ts';
import { installPackages, projectRoot } from './machine.ts';
import { run } from './run.ts';

export const targets = ['log-tail', 'ambassador', 'adapter', 'podmates'] as const;
export type Target = (typeof targets)[number];

/** The name under which the tests know the image of a target; manifests may leave out `localhost/`. */
export function imageOf(target: Target): string {
  const manifest: unknown = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? manifest.version
      : 'dev';
  return `localhost/podmates/${target}:${version}`;
}

/** Builds the four images from the project's own Dockerfile, installing the engine when missing. */
export async function buildImages(): Promise<void> {
  await installPackages();
  const bases = await prepareBaseImages();
  for (const target of targets) await buildImage(target, bases.build, bases.runtime);
}

async function buildImage(target: Target, buildBase: string, runtimeBase: string): Promise<void> {
  const base = [`BUILD_BASE=${buildBase}`, `RUNTIME_BASE=${runtimeBase}`];
  await run(
    'podman',
    [
      ...['build', '--layers', '--network', 'host', '--target', target],
      ...base.flatMap((argument) => ['--build-arg', argument]),
      ...['-t', imageOf(target), projectRoot],
    ],
    { timeoutMs: 600_000 },
  );
}
