import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCache } from '../machine.ts';
import { attempt, run } from '../run.ts';

const version = '5.7.1';

/**
 * The command that builds a kustomization: kubectl where it brings a recent kustomize (Debian's, of
 * 2020, has no components), else kustomize built from its Go module, once.
 */
export async function findKustomize(): Promise<readonly string[]> {
  const kubectl = await attempt('kubectl', ['version', '--client']).catch(() => undefined);
  if (/Kustomize Version: v[5-9]/.test(kubectl?.stdout ?? '')) return ['kubectl', 'kustomize'];
  const folder = await openCache();
  const program = join(folder, 'kustomize');
  if (existsSync(program)) return [program, 'build'];
  const module = `sigs.k8s.io/kustomize/kustomize/v5@v${version}`;
  const env = { GOBIN: folder };
  await run('go', ['install', module], { timeoutMs: 600_000, env }).catch((cause: unknown) => {
    throw new Error('needs kubectl 1.28 or later on the PATH, or Go to build kustomize', { cause });
  });
  return [program, 'build'];
}
