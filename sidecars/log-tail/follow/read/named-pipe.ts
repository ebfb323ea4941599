import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { describeError, PodmatesError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';

export interface NamedPipeOptions {
  /** The input's name. */
  readonly name: string;
  readonly path: string;
  readonly logger: Logger;
  /** Takes the pipe to read from; a second time when another one has come under the name. */
  read(pipe: Socket): void;
  /** Whether what was in the pipe has been read. */
  isIdle(): boolean;
  /** Called before another pipe is read: the last line of the former one is at its end. */
  gone(): void;
}

export interface NamedPipe {
  /** @throws PodmatesError ERR_IO when what has the name is no pipe, or may not be read */
  start(): void;
  stop(): void;
}

/** How often the name is looked at; milliseconds. */
const lookEvery = 500;

/**
 * A named pipe by its name: one that is not there yet is waited for, since the sidecar may be first;
 * one that was made anew, by an app that began again, is read in place of the one before.
 */
export function createNamedPipe(options: NamedPipeOptions): NamedPipe {
  const { name, path, logger } = options;
  let current: { readonly socket: Socket; readonly key: string } | undefined;
  let refused: string | undefined; // so that what is wrong is said once
  let timer: NodeJS.Timeout | undefined;
  const take = () => {
    const opened = openPipe(path);
    if (opened === undefined) return false;
    current?.socket.destroy();
    if (current !== undefined) options.gone();
    current = opened;
    options.read(opened.socket);
    return true;
  };
  const look = () => {
    const key = keyOf(path);
    if (key === undefined || key === current?.key || key === refused) return;
    if (current !== undefined && !options.isIdle()) return;
    try {
      if (take()) logger.info({ input: name, path }, 'reading the named pipe');
    } catch (error) {
      refused = key;
      logger.warn({ input: name, path }, `cannot read the pipe: ${describeError(error)}`);
    }
  };
  return {
    start() {
      try {
        if (!take()) logger.warn({ input: name, path }, 'waiting for the named pipe to be made');
      } catch (error) {
        const reason = `cannot read the pipe of the input ${name}: ${describeError(error)}`;
        throw new PodmatesError('ERR_IO', reason, { cause: error });
      }
      timer = setInterval(look, lookEvery);
    },
    stop() {
      clearInterval(timer);
      current?.socket.destroy();
    },
  };
}

/** Opened for writing too, so that there is no end when a writer goes and another one comes. */
function openPipe(path: string): { readonly socket: Socket; readonly key: string } | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd);
  if (!stats.isFIFO()) {
    closeSync(fd);
    throw new PodmatesError('ERR_IO', `${path} is not a named pipe; follow it as paths:`);
  }
  const socket = new Socket({ fd, readable: true, writable: false });
  return { socket, key: `${stats.dev}:${stats.ino}` };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function keyOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined; // not there, or its directory may not be read: looked at again
  }
}
