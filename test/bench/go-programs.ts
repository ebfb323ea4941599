import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isInstalled } from './program.ts';

export interface GoProgram {
  readonly name: string;
  /** The package that `go install` builds, and its version. */
  readonly package: string;
  readonly version: string;
}

/** Where it is, or why it cannot be had. */
export type Found = { readonly command: string } | { readonly missing: string };

const longestBuildMs = 5 * 60_000;

/**
 * Builds a peer written in Go, once: it is kept in the cache folder of whoever runs the bench, by
 * its version. The build takes no longer than five minutes.
 */
export async function findGoProgram(program: GoProgram): Promise<Found> {
  const { name, version } = program;
  const folder = cacheFolder(`${name}@${version}`);
  const command = join(folder, name);
  if (isInstalled(command)) return { command };
  if (!isInstalled('go')) return { missing: `${name} (to build it, Go must be on the PATH)` };
  mkdirSync(folder, { recursive: true });
  try {
    await promisify(execFile)('go', ['install', `${program.package}@${version}`], {
      cwd: folder,
      env: { ...process.env, GOBIN: folder },
      timeout: longestBuildMs,
    });
    return { command };
  } catch (error) {
    return { missing: `${name} (go install ${program.package}@${version}: ${lastLine(error)})` };
  }
}

function cacheFolder(name: string): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'podmates-bench', name);
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('killed' in error && error.killed === true) return 'not done in five minutes';
  return error.message.trim().split('\n').at(-1)?.trim() ?? 'failed';
}
