import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Logger } from '../../../core/logger.ts';
import type { FollowMetrics } from '../../metrics.ts';
import type { FollowConfig } from '../config.ts';
import { type ChunkLines, createChunkLines } from './chunk-lines.ts';
import type { Gate } from './gate.ts';
import { limitsOf } from './long-lines.ts';
import { createNamedPipe } from './named-pipe.ts';

/** Standard input or a named pipe: read as it comes, for it cannot be read twice. */
export interface Stream {
  /** @throws PodmatesError ERR_IO when it is there and cannot be read */
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
  readonly metrics: FollowMetrics;
}

/** Where the bytes of a stream come from, one reader after the other. */
interface Source {
  start(): void;
  stop(): void;
}

export function createStream(options: StreamOptions): Stream {
  const { name, input, gate, logger } = options;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const lines = createStreamLines(options);
  let grewAt = performance.now();
  let reader: Readable | undefined;
  let over = false;

  const finish = () => {
    if (over) return;
    over = true;
    lines.end();
    end();
  };
  const read = (next: Readable) => {
    reader = next;
    next.on('data', (chunk: Buffer) => {
      grewAt = performance.now();
      lines.push(chunk);
      if (gate.isFull()) next.pause();
    });
    next.on('end', finish);
    next.on('error', (error) => {
      logger.error({ err: error, input: name }, `cannot read ${input.pipe ?? '-'} any more`);
      finish();
    });
  };
  gate.onRoom(() => reader?.resume());
  const { pipe } = input;
  const source: Source =
    pipe === undefined
      ? { start: () => read(openStandardInput()), stop: () => reader?.destroy() }
      : createNamedPipe({
          ...{ name, path: pipe, logger, read },
          isIdle: () => !gate.isFull() && performance.now() - grewAt > idleMs,
          gone: () => lines.end(),
        });
  return {
    ended,
    grewAt: () => grewAt,
    start: source.start,
    stop() {
      source.stop();
      finish();
    },
  };
}

/** For so long nothing came of a pipe whose name is another one's by now: it is empty. */
const idleMs = 200;

/** Hands on whole lines, and counts what is left out of those that are too long. */
function createStreamLines({ name, input, gate, metrics }: StreamOptions): ChunkLines {
  const path = input.pipe ?? '-';
  const file = { id: `${name}:${path}`, path, input: name };
  return createChunkLines({
    limits: limitsOf(input),
    offset: 0,
    hand(block, partial) {
      if (block.cut > 0) {
        metrics.losses.inc({ input: name, reason: 'line_too_long' });
        metrics.lostBytes.inc({ input: name, reason: 'line_too_long' }, block.cut);
      }
      gate.hand(file, block, partial);
    },
  });
}

function openStandardInput(): Readable {
  const stats = fstatSync(0);
  if (stats.isFIFO() || stats.isSocket())
    return new Socket({ fd: 0, readable: true, writable: false });
  return createReadStream('', { fd: 0, autoClose: false });
}
