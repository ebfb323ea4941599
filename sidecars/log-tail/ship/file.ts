import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { pause } from '../../core/lifecycle.ts';
import type { OutputOf } from './config.ts';
import type { ByteTarget } from './direct.ts';

type FileOptions = Pick<OutputOf<'file'>, 'path' | 'rotate'>;

/** How long to wait before trying again on a full disk; milliseconds. */
const retryWait = 500;

/**
 * A file that is appended to, and moved to FILE.1 (that to FILE.2, and so on) before it would grow
 * over its bound. When it cannot be written, as on a full disk, that is tried until it can.
 */
export function openFile({ path, rotate }: FileOptions): ByteTarget {
  let open = openAppend(path);
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
    } catch {
      // the rest is tried again later
    }
    open.size += written;
    return written;
  };
  return {
    write,
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
