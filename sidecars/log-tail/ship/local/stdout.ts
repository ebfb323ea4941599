import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ByteTarget } from './direct.ts';

/**
 * Standard output. Never through `process.stdout`, which costs 1.6 times as much; never in a way
 * that a reader who stalls can block: that would keep signals from being heard.
 */
export function openStdout(): ByteTarget {
  const { fd, socket } = openStandardOutput();
  let broken: Error | undefined;
  socket?.on('error', (error) => {
    broken = error;
  });
  return {
    write(bytes) {
      if (broken !== undefined) throw broken;
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(fd, bytes, written);
      } catch (error) {
        if (socket === undefined || !isFull(error)) throw error;
      }
      return written;
    },
    writeLater(rest) {
      return new Promise((resolve, reject) => {
        socket?.write(rest, (error) => (error ? reject(error) : resolve()));
      });
    },
    // Descriptor 1 itself is not ours to close.
    close: () => void (fd === 1 ? socket?.unref() : socket?.destroy()),
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
