import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Acknowledge, FollowedFile, LineConsumer } from '../record.ts';

export interface StdoutOptions {
  readonly acknowledge: Acknowledge;
  /** Called when there is room again after `take` returned false. */
  resume(): void;
  /** Called once when nothing can be written any more, as when the reader is gone (EPIPE). */
  fail(error: unknown): void;
}

export interface StdoutOutput extends LineConsumer {
  /** Bytes taken that the reader has not. */
  pending(): number;
  close(): void;
}

const lineEnd = Buffer.from('\n');

/**
 * Lines to standard output, byte for byte, in the blocks that they were read in. Never through
 * `process.stdout`, which costs 1.6 times as much; never in a way that a reader who stalls can
 * block: that would keep signals from being heard.
 */
export function createStdout({ acknowledge, resume, fail }: StdoutOptions): StdoutOutput {
  const { fd, socket } = openStandardOutput();
  let waiting = 0;
  let failed = false;

  const giveUp = (error: unknown) => {
    if (failed) return;
    failed = true;
    fail(error);
  };
  socket?.on('error', giveUp);

  /** Writes what goes in at once. @returns how much that was */
  const writeNow = (bytes: Buffer): number => {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!isFull(error)) giveUp(error);
    }
    return written;
  };
  const writeLater = (rest: Buffer, file: FollowedFile, next: number) => {
    waiting += rest.length;
    socket?.write(rest, (error) => {
      if (error) return giveUp(error);
      waiting -= rest.length;
      acknowledge(file, next);
      if (waiting === 0) resume();
    });
  };
  return {
    take({ file, bytes, next, partial }) {
      if (failed) return false;
      const whole = partial ? Buffer.concat([bytes, lineEnd]) : bytes;
      const written = waiting > 0 ? 0 : writeNow(whole);
      if (failed) return false;
      if (written < whole.length) writeLater(Buffer.from(whole.subarray(written)), file, next);
      else acknowledge(file, next);
      return waiting === 0;
    },
    pending: () => waiting,
    close: () => void socket?.destroy(),
  };
}

/**
 * A pipe is opened anew, for its own non-blocking mode: set on descriptor 1 it would hold for every
 * process that shares it. Where that may not be (a socket, another user's pipe), 1 is taken itself.
 */
function openStandardOutput(): { fd: number; socket?: Socket } {
  const stats = fstatSync(1);
  if (!stats.isFIFO() && !stats.isSocket()) return { fd: 1 };
  const fd = reopen() ?? 1;
  const socket = new Socket({ fd, readable: false, writable: true });
  return { fd, socket: socket.unref() };
}

function reopen(): number | undefined {
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
