import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The command line of the sources, or another one, as `npm run test:image` has it. */
const usualEntry =
  process.env['PODMATES_ENTRY'] ?? join(import.meta.dirname, '../sidecars/cli/podmates.ts');

export interface ContainerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its config file. */
  readonly file: string;
  /** `host:port` by the name of the listener, as the container said when it had started. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Every diagnostic line so far. */
  readonly diagnostics: readonly Readonly<Record<string, unknown>>[];
  /** Sends the signal and waits. @returns the exit code, or null when a signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ContainerOptions {
  /** Where standard output goes: a file descriptor, or a pipe to read from `child.stdout`. */
  readonly stdout?: number | 'pipe' | 'ignore';
  readonly env?: Readonly<Record<string, string>>;
  /** A config file that is already there, in place of one written from the text. */
  readonly file?: string;
  /** The command line to run, in place of the usual one. */
  readonly entry?: string | undefined;
  /** A command that runs another one in other surroundings, such as `prlimit --nofile=64`. */
  readonly within?: readonly string[];
}

/** Runs `podmates COMMAND` on a config in a process of its own; resolves when it says it started. */
export async function startContainer(
  command: string,
  config: string,
  {
    stdout = 'ignore',
    env = {},
    file = writeConfig(config),
    entry = usualEntry,
    within = [],
  }: ContainerOptions = {},
): Promise<ContainerProcess> {
  const line = [...within, process.execPath, entry, command, '-c', file];
  const child = spawn(line[0] ?? '', line.slice(1), {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, ...env },
  });
  const diagnostics: Record<string, unknown>[] = [];
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const addresses = await new Promise<Readonly<Record<string, string>>>((resolve, reject) => {
    const complaints: string[] = [];
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      complaints.push(line);
      if (!line.startsWith('{')) return;
      const record = JSON.parse(line);
      diagnostics.push(record);
      if (record.addresses !== undefined) resolve(record.addresses);
    });
    child.once('exit', (code) =>
      reject(new Error(`podmates ${command} ended with ${code}:\n${complaints.join('\n')}`)),
    );
  });
  return {
    child,
    pid: child.pid ?? 0,
    file,
    addresses,
    diagnostics,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

function writeConfig(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'podmates-test-')), 'podmates.yaml');
  writeFileSync(file, text);
  return file;
}

/** System calls that read and that write which a process has made, from `/proc/PID/io`. */
export function countCalls(pid: number): { readonly reads: number; readonly writes: number } {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
  return { reads: value('syscr'), writes: value('syscw') };
}

/** How often a process went to sleep until something wakes it, from `/proc/PID/status`. */
export function countSleeps(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]);
}
