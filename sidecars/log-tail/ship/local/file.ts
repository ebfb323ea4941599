import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { describeError } from '../../../core/errors.ts';
import { pause } from '../../../core/lifecycle.ts';
import type { OutputOf } from '../config.ts';
import type { ByteTarget } from './direct.ts';

interface FileOptions extends Pick<OutputOf<'file'>, 'path' | 'rotate'> {
  /** An attempt to write failed; it is made again. */
  failed(error: unknown): void;
  /** After failures, everything could be written. */
  recovered(): void;
}

/** How long to wait before trying again on a full disk; milliseconds. */
const retryWait = 500;

/**
 * A file that is appended to, and moved to FILE.1 (that to FILE.2, and so on) before it would grow
 * over its bound. When it cannot be written, as on a full disk, that is tried until it can.
 */
export function openFile({ path, rotate, failed, recovered }: FileOptions): ByteTarget {
  let open = openAppend(path);
  let problem = '';
  let closed = false;
  const moveOutOfTheWay = () => {
    shiftFiles(path, rotate.keep);
    const fresh = openAppend(path);
    closeSync(open.fd);
    open = fresh;
  };
  const write = (bytes: Buffer): number => {
    let written = 0;
    try {
      if (open.size > 0 && open.size + bytes.length > rotate.bytes) moveOutOfTheWay();
      while (written < bytes.length) written += writeSync(open.fd, bytes, written);
      if (problem !== '') recovered();
      problem = '';
    } catch (error) {
      problem = describeError(error);
      failed(error); // the rest is tried again later
    }
    open.size += written;
    return written;
  };
  return {
    write,
    problem: () => problem,
    async writeLater(rest) {
      let left = rest;
      while (left.length > 0 && !closed) {
        await pause(retryWait);
        left = left.subarray(write(left));
      }
    },
    close() {
      closed = true;
      closeSync(open.fd);
    },
  };
}

function openAppend(path: string): { readonly fd: number; size: number } {
  const fd = openSync(path, 'a');
  const stats = fstatSync(fd);
  // A device or a pipe is never too big: /dev/null must not be moved out of the way.
  return { fd, size: stats.isFile() ? stats.size : Number.NEGATIVE_INFINITY };
}

function shiftFiles(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true });
  for (let age = keep - 1; age >= 1; age -= 1) moveIfThere(`${path}.${age}`, `${path}.${age + 1}`);
  moveIfThere(path, `${path}.1`);
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
