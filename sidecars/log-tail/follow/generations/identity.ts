import { hash } from 'node:crypto';
import { readSync } from 'node:fs';

/** How many of the first bytes tell one file from another. */
export const headBytes = 1024;
/** How many bytes before an offset tell whether the file is still the one that was read. */
export const traceBytes = 64;

/** The first bytes of a file, as far as they were there when it was looked at. */
export interface Head {
  readonly length: number;
  readonly hash: string;
}

export const emptyHead: Head = { length: 0, hash: '' };

/** Reads the head of up to `limit` bytes. */
export function readHead(fd: number, limit = headBytes): Head {
  const bytes = Buffer.allocUnsafe(limit);
  return hashHead(bytes.subarray(0, readSync(fd, bytes, 0, limit, 0)));
}

export function hashHead(bytes: Uint8Array): Head {
  if (bytes.length === 0) return emptyHead;
  return { length: bytes.length, hash: hash('sha1', bytes, 'base64url') };
}

/** Whether the file begins with the bytes of `head`; a shorter file does not. */
export function startsWith(fd: number, head: Head): boolean {
  return head.length === 0 || readHead(fd, head.length).hash === head.hash;
}

/** A copy of the bytes before `offset`, up to {@link traceBytes}. */
export function readTrace(fd: number, offset: number): Buffer {
  const length = Math.min(traceBytes, offset);
  const trace = Buffer.allocUnsafeSlow(length);
  const count = readSync(fd, trace, 0, length, offset - length);
  return trace.subarray(0, count);
}

/** Whether the bytes before `offset` are those of `trace`. */
export function hasTrace(fd: number, offset: number, trace: Uint8Array): boolean {
  const bytes = Buffer.allocUnsafe(trace.length);
  const length = readSync(fd, bytes, 0, trace.length, offset - trace.length);
  return length === trace.length && bytes.equals(trace);
}

/** Whether two files hold the same in the bytes that end at `end`, up to a head's length. */
export function sameBefore(a: number, b: number, end: number): boolean {
  const length = Math.min(headBytes, end);
  const [left, right] = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)];
  const counts = [
    readSync(a, left, 0, length, end - length),
    readSync(b, right, 0, length, end - length),
  ];
  return counts.every((count) => count === length) && left.equals(right);
}
