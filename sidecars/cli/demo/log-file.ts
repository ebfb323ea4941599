import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const lineLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LineLevel = (typeof lineLevels)[number];

export interface LogFile {
  /** Writes one line as JSON, with the next number as its `seq`. */
  write(level: LineLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** How many lines have been written; the last one has this number. */
  lines(): number;
  rotations(): number;
  close(): void;
}

export interface LogFileOptions {
  readonly file: string;
  /** How long a file is written to before it is renamed, milliseconds. */
  readonly rotateMs: number;
  /** How many renamed files stay, as `shop.log.1` and so on. */
  readonly keep: number;
}

/** A log file such as apps write them: it is renamed every so often, and a new one is begun. */
export function createLogFile({ file, rotateMs, keep }: LogFileOptions): LogFile {
  let open = openSync(file, 'a');
  let lines = 0;
  let rotations = 0;
  let begunAt = performance.now();
  const rotate = () => {
    closeSync(open);
    for (let age = keep; age >= 1; age--) {
      const younger = age === 1 ? file : `${file}.${age - 1}`;
      if (existsSync(younger)) renameSync(younger, join(dirname(file), `shop.log.${age}`));
    }
    open = openSync(file, 'a');
    rotations++;
    begunAt = performance.now();
  };
  return {
    write(level, message, fields = {}) {
      lines++;
      const line = { level, msg: message, seq: lines, ...fields, time: new Date().toISOString() };
      writeSync(open, `${JSON.stringify(line)}\n`);
      if (performance.now() - begunAt >= rotateMs) rotate();
    },
    lines: () => lines,
    rotations: () => rotations,
    close: () => closeSync(open),
  };
}
