import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Logger } from '../../core/logger.ts';
import { createChunkLines } from './chunk-lines.ts';
import type { FollowConfig } from './config.ts';
import type { Gate } from './gate.ts';
import { limitsOf } from './long-lines.ts';

/** Standard input or a named pipe: read as it comes, for it cannot be read twice. */
export interface Stream {
  start(): void;
  /** Takes nothing more, and hands on the unfinished last line. */
  stop(): void;
  /** Resolves when the writer of standard input has closed it; a named pipe waits for another one. */
  readonly ended: Promise<void>;
  /** When something came the last time, by the monotonic clock. */
  grewAt(): number;
}

export interface StreamOptions {
  readonly name: string;
  readonly input: FollowConfig;
  readonly gate: Gate;
  readonly logger: Logger;
}

export function createStream({ name, input, gate, logger }: StreamOptions): Stream {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const path = input.pipe ?? '-';
  const file = { id: `${name}:${path}`, path, input: name };
  let grewAt = performance.now();
  let source: Readable | undefined;
  let over = false;

  const lines = createChunkLines({
    limits: limitsOf(input),
    offset: 0,
    hand: (block, partial) => gate.hand(file, block, partial),
  });
  const finish = () => {
    if (over) return;
    over = true;
    lines.end();
    end();
  };
  gate.onRoom(() => source?.resume());
  return {
    ended,
    grewAt: () => grewAt,
    start() {
      source = input.pipe === undefined ? openStandardInput() : openPipe(input.pipe);
      source.on('data', (chunk: Buffer) => {
        grewAt = performance.now();
        lines.push(chunk);
        if (gate.isFull()) source?.pause();
      });
      source.on('end', finish);
      source.on('error', (error) => {
        logger.error({ err: error, input: name }, `cannot read ${path} any more`);
        finish();
      });
    },
    stop() {
      source?.destroy();
      finish();
    },
  };
}

function openStandardInput(): Readable {
  const stats = fstatSync(0);
  if (stats.isFIFO() || stats.isSocket())
    return new Socket({ fd: 0, readable: true, writable: false });
  return createReadStream('', { fd: 0, autoClose: false });
}

/** Opened for writing too, so that there is no end when a writer goes and another one comes. */
function openPipe(path: string): Readable {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  if (!fstatSync(fd).isFIFO()) throw new TypeError(`${path} is not a named pipe`);
  return new Socket({ fd, readable: true, writable: false });
}
