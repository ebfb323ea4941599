import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awaitUntil } from '../../await-until.ts';

/** A real program that runs as a child of the test, on free ports, in a folder of its own. */
export interface Program {
  /** Where it serves its stats. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly url: string;
  /** Answers 2xx when the program is ready. */
  readonly ready: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Starts a program and waits until it answers; what it says is shown only when it does not. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const {
    command,
    args,
    directory,
    env = {},
    url,
    ready,
    headers = {},
    timeoutMs = 30_000,
  } = options;
  const child = spawn(command, args, {
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: directory, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(hard);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await awaitUntil(
      async () => {
        assert.equal(child.exitCode, null, `${command} ended: ${said}`);
        return fetch(ready, { headers, signal: AbortSignal.timeout(2000) }).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      { timeoutMs, what: `${command} to answer at ${ready}` },
    );
  } catch (error) {
    await stop();
    throw new Error(`${command} did not start; it said: ${said}`, { cause: error });
  }
  return { url, stop };
}

export function temporaryDirectory(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `podmates-${name}-`));
}

/** Ports that nobody listened at a moment ago; programs that cannot be told 0 need them. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
