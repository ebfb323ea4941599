import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

export interface Program {
  readonly addresses: Readonly<Record<string, string>>;
  /** Ends it by SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts a program of `examples/` as its Dockerfile does. */
export async function startProgram(
  example: string,
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'podmates-from-source.ts'),
      join(root, 'examples', example, 'program.ts'),
    ],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return {
    addresses: await readAddresses(child),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

/** The first line that it prints is where it listens; the rest is let flow. */
async function readAddresses(child: ChildProcess): Promise<Record<string, string>> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
}
