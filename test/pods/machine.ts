import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, run } from './run.ts';

export const projectRoot = join(import.meta.dirname, '../..');

/** Where root file systems are kept from run to run. */
const cacheDirectory = join(tmpdir(), 'podmates-pods-cache');

export async function openCache(): Promise<string> {
  await mkdir(cacheDirectory, { recursive: true });
  return cacheDirectory;
}

/** Debian packages that run pods without a registry to pull from. */
const enginePackages = [
  'podman',
  'buildah',
  'runc',
  'catatonit',
  'containernetworking-plugins',
  'netavark',
  'aardvark-dns',
  'iptables',
  'mmdebstrap',
];

/**
 * Installs what is missing of the container engine and of `more`. Services that packages bring are
 * kept from starting: the tests start the servers they need themselves.
 */
export async function installPackages(...more: readonly string[]): Promise<void> {
  requireDebianRoot();
  const missing: string[] = [];
  for (const name of [...enginePackages, ...more]) {
    const { stdout } = await attempt('dpkg', ['-s', name]);
    if (!stdout.includes('install ok installed')) missing.push(name);
  }
  if (missing.length === 0) return;
  await run('apt-get', ['update', '-q'], { timeoutMs: 300_000 });
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], {
    timeoutMs: 600_000,
    // invoke-rc.d asks no policy when the run level is given as unknown.
    env: { RUNLEVEL: '1' },
  });
}

function requireDebianRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('npm run test:pods runs as root');
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID(_LIKE)?=.*debian/m.test(release)) throw new Error('npm run test:pods runs on Debian');
}
