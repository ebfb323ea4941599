import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ReaderProcess {
  readonly child: ChildProcess;
  /** @returns the exit code, or null when a signal ended it */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** What it said on standard error. */
  readonly said: readonly string[];
}

/**
 * Starts `reader.ts` with this section `logTail:`; resolves when it reads.
 * @param within a command that runs another one in other surroundings, such as `prlimit --nofile=64`
 */
export async function startReader(
  config: Readonly<Record<string, unknown>>,
  stdout: number | 'pipe' | 'ignore',
  within: readonly string[] = [],
): Promise<ReaderProcess> {
  const script = join(import.meta.dirname, 'reader.ts');
  const command = [...within, process.execPath, script, JSON.stringify(config)];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', stdout, 'pipe'] });
  const said: string[] = [];
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(line);
      if (line === 'ready') resolve();
    });
    void exited.then((code) => reject(new Error(`it ended with ${code}: ${said.join('\n')}`)));
  });
  return {
    child,
    said,
    stop(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
