import { closeSync, fstatSync, statSync } from 'node:fs';
import type { Found } from '../find/discover.ts';
import { keyOf, openFile } from './descriptors.ts';
import type { Generation } from './generation.ts';
import { type Head, hasTrace, readHead, sameBefore, startsWith } from './identity.ts';

/** Opens a file that a scan found, if it is still the same; the caller closes it. */
export function openFound({ path, key }: Pick<Found, 'path' | 'key'>): number | undefined {
  try {
    const fd = openFile(path);
    if (keyOf(fd) === key) return fd;
    closeSync(fd);
  } catch {
    // gone or not to be read: the next scan will see
  }
  return undefined;
}

/** Whether a file is still where a scan found it, be it readable or not. */
export function isThere({ path, key }: Pick<Found, 'path' | 'key'>): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && `${stats.dev}:${stats.ino}` === key;
}

/** Whether the file still holds what was read from it: not truncated, not written anew. */
export function isUnchanged({ head, offset, trace }: Generation, fd: number): boolean {
  return sizeOf(fd) >= offset && startsWith(fd, head) && hasTrace(fd, offset, trace);
}

/**
 * The head grown to what the file has by now.
 * @returns undefined when the file no longer begins with it
 */
export function growHead(fd: number, head: Head): Head | undefined {
  const now = readHead(fd);
  if (head.length === 0 || head.hash === now.hash) return now;
  if (now.length < head.length) return undefined;
  return startsWith(fd, head) ? now : undefined;
}

/** Whether a file goes on where the generation was read to: its copy, or itself under a new inode. */
export function continues(fd: number, { head, offset, trace }: Generation): boolean {
  if (head.length === 0 || sizeOf(fd) < offset) return false;
  return startsWith(fd, head) && hasTrace(fd, offset, trace);
}

/** Whether a file is the beginning of what was read of a generation, and holds nothing beyond it. */
export function isCovered(fd: number, { head, offset }: Generation): boolean {
  const size = sizeOf(fd);
  return head.length > 0 && size >= head.length && size < offset && startsWith(fd, head);
}

/**
 * Whether a file is a copy, finished or growing, of what another one holds right now.
 * Compared are the first and the last bytes of the copy.
 */
export function isCopyOf(copy: number, original: number): boolean {
  const size = sizeOf(copy);
  if (size === 0 || size > sizeOf(original)) return false;
  const head = readHead(copy);
  return startsWith(original, head) && sameBefore(copy, original, size);
}

export function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}
