import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { type ReaderProcess, startReader } from './reader-process.ts';

/** A directory with `logs/*.log` to follow, and a file that standard output goes to. */
export interface Volume {
  readonly directory: string;
  /** The log that the app writes. */
  readonly log: string;
  readonly state: string;
  /** @param within a command that runs the reader in other surroundings */
  start(section?: Section, within?: readonly string[]): Promise<ReaderProcess>;
  append(from: number, to: number, path?: string): Promise<void>;
  /** What came out so far. */
  lines(): string[];
  /** Waits until so many lines came out. */
  until(count: number, timeoutMs?: number): Promise<void>;
}

type Section = Readonly<Record<string, unknown>>;

export const numbered = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => `L${from + at}`);

export function makeVolume(t: TestContext): Volume {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-volume-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'logs'));
  const [log, output] = [join(directory, 'logs/app.log'), join(directory, 'output')];
  const state = join(directory, 'state');
  closeSync(openSync(output, 'a'));
  const lines = () => readFileSync(output, 'utf8').split('\n').slice(0, -1);
  return {
    directory,
    log,
    state,
    lines,
    async start(section = {}, within = []) {
      const fd = openSync(output, 'a');
      const inputs = { app: { paths: [join(directory, 'logs/*.log')] } };
      const shutdown = { quiet: '200ms' };
      const config = { inputs, state, shutdown, admin: false, ...section };
      const reader = await startReader(config, fd, within);
      closeSync(fd);
      t.after(() => reader.stop('SIGKILL'));
      return reader;
    },
    append: (from, to, path = log) =>
      appendFile(
        path,
        numbered(from, to)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    until: async (count, timeoutMs = 20_000) => {
      await awaitUntil(() => lines().length >= count, { timeoutMs, what: `${count} lines` });
    },
  };
}
