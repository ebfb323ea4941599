import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Rejection } from '../sink.ts';

export interface DeadLettersOptions {
  readonly path: string;
  readonly bytes: number;
}

/** Keeps what a receiver refused. */
export interface DeadLetters {
  /** @throws when the file cannot be written */
  write(output: string, rejections: readonly Rejection[]): void;
}

/**
 * Appends JSON lines of `{time, output, reason, record}`. A file that has grown to its bound is moved
 * to FILE.1, over the one that is there.
 */
export function createDeadLetters({ path, bytes }: DeadLettersOptions): DeadLetters {
  return {
    write(output, rejections) {
      const time = new Date().toISOString();
      const lines = rejections.map((one) => `${JSON.stringify({ time, output, ...one })}\n`);
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size >= bytes) renameSync(path, `${path}.1`);
      appendFileSync(path, lines.join(''));
    },
  };
}
