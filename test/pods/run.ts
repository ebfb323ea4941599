import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, with the container engine's settings of the tests, whatever its code. */
export async function attempt(
  program: string,
  args: readonly string[],
  { input = '', timeoutMs = 60_000, env = {} }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    env: {
      ...process.env,
      CONTAINERS_CONF: join(import.meta.dirname, 'containers.conf'),
      DEBIAN_FRONTEND: 'noninteractive',
      ...env,
    },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {}); // it may end without reading all of it
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** The same, for programs that must end well. @returns its standard output without the last line end */
export async function run(
  program: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, options);
  if (code === 0) return stdout.trimEnd();
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`);
}
