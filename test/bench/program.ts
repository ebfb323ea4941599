import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { type Cost, readCost } from './process-cost.ts';

export interface Program {
  readonly pid: number;
  cost(): Cost;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The core it may use: contestants on one, load and origin on the other. */
  readonly core?: 0 | 1;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where its standard output goes: nowhere, or a file descriptor. */
  readonly stdout?: 'ignore' | number;
}

/** Starts a program in a process of its own; what it complains of is shown when it dies early. */
export function startProgram(options: ProgramOptions): Program {
  const { command, args, core, env = {}, cwd, stdout = 'ignore' } = options;
  const pinned =
    core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
  const [program = command, ...rest] = pinned;
  const child = spawn(program, rest, {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stopping = false;
  const complaints: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints.push(chunk.toString('utf8'));
    if (complaints.length > 50) complaints.shift();
  });
  const ended = once(child, 'exit').then(([code]) => {
    if (!stopping && code !== 0)
      console.error(`${command} ended with ${code}: ${complaints.join('')}`);
  });
  return {
    pid: pidOf(child),
    cost: () => readCost(pidOf(child)),
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(giveUp);
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`could not start ${child.spawnfile}`);
  return child.pid;
}

/** Whether a program is on the PATH, or at the path that was given. */
export function isInstalled(name: string): boolean {
  return `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`.split(delimiter).some((folder) => {
    try {
      accessSync(resolve(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resolves when something listens on the port. */
export async function listening(port: number, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    if (performance.now() > end) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
