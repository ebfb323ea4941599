import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, type ProgramOptions, startProgram } from './program.ts';

const root = join(import.meta.dirname, '../..');

/** Builds the package as it is published: what the images run is what is measured. */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
}

/** Node options of the images, so that the bench runs with the same. */
export const nodeFlags = ['--max-semi-space-size=2'];

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
  const entry = join(root, 'dist/cli/podmates.js');
  return startProgram({
    command: process.execPath,
    args: [...nodeFlags, entry, command, '-c', file, '--log-level', 'warn'],
    ...options,
  });
}

/**
 * Starts a small program of `contestants/` with the same Node and the same flags: what collecting
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
    args: [...nodeFlags, file, ...args.map(String)],
    ...options,
  });
}
