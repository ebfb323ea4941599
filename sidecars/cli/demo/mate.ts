import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PodmatesError } from '../../core/errors.ts';

export interface MateOptions {
  /** `log-tail`, `ambassador` or `adapter`. */
  readonly name: string;
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** One container of the demo's pod: a process, as the image would run it. */
export interface Mate {
  readonly name: string;
  readonly pid: number;
  /** Its listeners, once it has said where they are. */
  readonly addresses: Readonly<Record<string, string>>;
  /** SIGTERM. @returns its exit code, or the name of the signal that ended it */
  stop(): Promise<number | string>;
}

const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../podmates.ts' : '../podmates.js', import.meta.url),
);

/** @throws PodmatesError ERR_CLOSED with what it said, when it ends in place of starting */
export async function startMate({ name, config, environment, onLine }: MateOptions): Promise<Mate> {
  const child = spawn(process.execPath, [program, name, '-c', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '', ...environment },
  });
  const ended = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', onLine);
  const addresses = await whereItListens(name, child);
  return {
    name,
    pid: child.pid ?? 0,
    addresses,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode ?? child.signalCode ?? 'unknown';
    },
  };
}

function whereItListens(name: string, child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 20) said.push(line);
      const addresses = readAddresses(line);
      if (addresses !== undefined) resolve(addresses);
    });
    child.on('close', () => {
      const reason = `the ${name} of the demo did not start:\n${said.join('\n')}`;
      reject(new PodmatesError('ERR_CLOSED', reason));
    });
  });
}

function readAddresses(line: string): Record<string, string> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null || !('addresses' in entry)) return undefined;
    return Object.fromEntries(
      Object.entries(Object(entry.addresses)).map(([k, v]) => [k, String(v)]),
    );
  } catch {
    return undefined; // not a line of the logger
  }
}
