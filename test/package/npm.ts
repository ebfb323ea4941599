import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

export const projectRoot = join(import.meta.dirname, '../..');

/** Runs a program to its end in a folder. @throws with everything it said, when it ends badly */
export async function run(
  folder: string,
  program: string,
  args: readonly string[],
  timeoutMs = 100_000,
): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: { ...withoutNpm(), PATH: withPinnedNode() },
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (child.exitCode === 0) return stdout;
  const end = child.exitCode ?? child.signalCode;
  throw new Error(`${program} ${args.join(' ')} ended with ${end}:\n${stdout}\n${stderr}`);
}

/** An npm that runs us must not tell the one we run which project it is in. */
function withoutNpm(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_cache)/i.test(name),
  );
  return Object.fromEntries(entries);
}

function withPinnedNode(): string {
  return [join(projectRoot, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
}
