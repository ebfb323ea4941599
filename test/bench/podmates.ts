import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageEnvironment } from '../image-environment.ts';
import { type Program, type ProgramOptions, startProgram } from './program.ts';

const root = join(import.meta.dirname, '../..');

/**
 * What the images have in /opt/podmates. Its place is as short: where paths are long, Node comes to
 * rest with 5 MB more of its own program in memory.
 */
export const image = join(
  tmpdir(),
  `podmates-${createHash('sha256').update(root).digest('hex').slice(0, 6)}`,
);

/** Makes it as the images have it: what is shipped is what is measured. */
export function build(): void {
  rmSync(image, { recursive: true, force: true });
  execFileSync('npm', ['run', '--silent', 'build:image', image], { cwd: root, stdio: 'inherit' });
}

/** A folder of its own for a run's files. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'podmates-bench-'));
}

/** Starts a container from a config text. */
export function startPodmates(
  command: string,
  config: string,
  options: Partial<ProgramOptions> = {},
): Program {
  const file = join(scratch(), 'podmates.yaml');
  writeFileSync(file, config);
  const entry = join(image, 'dist/cli/podmates.js');
  return startProgram({
    command: process.execPath,
    args: [entry, command, '-c', file, '--log-level', 'warn'],
    ...options,
    env: { ...imageEnvironment(), ...options.env },
  });
}

/**
 * Starts a small program of `contestants/` with the same Node and the same environment: what collecting
 * garbage costs depends on the size of the young generation.
 */
export function startContestant(
  name: string,
  args: readonly (string | number)[],
  options: Partial<ProgramOptions> = {},
): Program {
  const file = join(import.meta.dirname, 'contestants', name);
  return startProgram({
    command: process.execPath,
    args: [file, ...args.map(String)],
    ...options,
    env: { ...imageEnvironment(), ...options.env },
  });
}
