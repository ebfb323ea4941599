import { spawnSync } from 'node:child_process';

/** Installs what is missing of Debian packages; where it may not, says what to install. */
export function installPackages(...names: readonly string[]): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const mend = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`missing on this machine, as root: ${mend}`);
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, RUNLEVEL: '1' } });
  apt('update', '-q');
  apt('install', '-q', '-y', '--no-install-recommends', ...missing);
  if (!missing.every(isInstalled)) throw new Error(`could not: ${mend}`);
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return stdout?.includes('install ok installed') === true;
}
