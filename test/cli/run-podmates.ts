import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const entry = join(import.meta.dirname, '../../sidecars/cli/podmates.ts');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** What it finds on its standard input. */
  readonly input?: string;
}

/** Runs the command line in a process of its own, to its end. */
export async function runPodmates(
  args: readonly string[],
  { cwd = process.cwd(), input = '' }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}
