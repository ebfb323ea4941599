import { pause } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { FollowMetrics } from '../metrics.ts';
import type { Acknowledge, LineConsumer } from '../record.ts';
import type { FollowConfig } from './config.ts';
import { createFiles, type HandedOver } from './files.ts';
import { type Generation, unread } from './generations/generation.ts';
import { createGate } from './read/gate.ts';
import { createStream } from './read/streams.ts';
import type { FileReport } from './report.ts';

export interface FollowerOptions {
  readonly inputs: Readonly<Record<string, FollowConfig>>;
  /** The directory of the checkpoint; without one, a restart begins anew. */
  readonly state: string | undefined;
  readonly checkpointEveryMs: number;
  readonly maxOpenFiles: number;
  readonly consumer: LineConsumer;
  readonly logger: Logger;
  readonly metrics: FollowMetrics;
}

export interface Follower {
  /** Takes up the checkpoint, or what another follower has handed over, and begins to read. */
  start(handed?: readonly HandedOver[]): Promise<void>;
  readonly acknowledge: Acknowledge;
  /** The consumer has room again. */
  resume(): void;
  /**
   * Reads on until nothing has grown for `quietMs`, then hands on unfinished last lines.
   * @returns what was not read before the deadline, in words
   */
  settle(quietMs: number, deadline: AbortSignal): Promise<readonly string[]>;
  /** Hands on nothing until `release`. */
  hold(): void;
  release(): void;
  /** Stops, but gives away what it follows in place of closing it. */
  handOver(): Promise<readonly HandedOver[]>;
  /** Stops reading, writes the checkpoint and closes the files. */
  close(): Promise<void>;
  files(): readonly FileReport[];
  /** Resolves when every input was a stream and all have ended. */
  readonly ended: Promise<unknown>;
}

/** Follows files and streams, and hands on their lines. */
export function createFollower(options: FollowerOptions): Follower {
  const { inputs, consumer, logger, metrics } = options;
  const gate = createGate(consumer, metrics);
  const files = createFiles({ ...options, gate });
  const streams = Object.entries(inputs).flatMap(([name, input]) =>
    input.paths === undefined ? [createStream({ name, input, gate, logger, metrics })] : [],
  );
  const onlyStreams = streams.length === Object.keys(inputs).length;
  const lastGrowth = () =>
    Math.max(files.lastGrowth(), ...streams.map((stream) => stream.grewAt()));
  metrics.observe(files.report);
  return {
    files: files.report,
    ended: onlyStreams ? Promise.all(streams.map(({ ended }) => ended)) : new Promise(() => {}),
    acknowledge: files.acknowledge,
    resume: gate.resume,
    hold: gate.hold,
    release: gate.release,
    async handOver() {
      files.stop();
      const handed = files.handOver();
      await files.close();
      return handed;
    },
    async start(handed) {
      await files.start(handed);
      for (const stream of streams) stream.start();
    },
    async settle(quietMs, deadline) {
      const begun = performance.now();
      const isQuiet = () =>
        performance.now() - Math.max(begun, lastGrowth()) >= quietMs &&
        files.isDrained() &&
        !gate.isFull();
      // The last look is our own: what the kernel had to say of the last moment may still wait.
      while (!deadline.aborted && !(isQuiet() && !files.look())) await pause(20, deadline);
      const unread = files.finish();
      for (const stream of streams) stream.stop();
      return describeUnread(unread);
    },
    async close() {
      files.stop();
      for (const stream of streams) stream.stop();
      await files.close();
    },
  };
}

function describeUnread(generations: readonly Generation[]): readonly string[] {
  return generations.map((generation) => {
    const { file, offset, size } = generation;
    return `${unread(generation)} bytes of ${file.path} were not read (${offset} of ${size} were)`;
  });
}
