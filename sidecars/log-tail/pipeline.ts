import { existsSync } from 'node:fs';
import type { Readiness } from '../core/admin/readiness.ts';
import type { Surroundings } from '../core/container.ts';
import { describeError } from '../core/errors.ts';
import { pause } from '../core/lifecycle.ts';
import type { LogTailConfig } from './config.ts';
import { createDelivery } from './delivery.ts';
import { createFollower } from './follow/follower.ts';
import type { FileReport } from './follow/report.ts';
import { createFollowMetrics } from './metrics.ts';

export interface Pipeline {
  start(): Promise<void>;
  /**
   * Reads until quiet, sends on what is held, writes the checkpoint.
   * @returns what could not be finished before the deadline, in words
   */
  stop(deadline: AbortSignal): Promise<readonly string[]>;
  files(): readonly FileReport[];
  /** Resolves when the app has ended by the config's `exitWhen`, or nothing can be written any more. */
  readonly finished: Promise<void>;
}

/** Follows and delivers: files -> lines -> records -> outputs, and the acknowledgements back. */
export function createPipeline(
  config: LogTailConfig,
  { logger, metrics }: Surroundings,
  readiness: Readiness,
): Pipeline {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const failures: string[] = [];
  const delivery = createDelivery(config, {
    logger,
    metrics,
    acknowledge: (file, offset) => follower.acknowledge(file, offset),
    resume: () => follower.resume(),
    fail(error) {
      failures.push(`an output failed for good: ${describeError(error)}`);
      finish();
    },
  });
  const follower = createFollower({
    inputs: config.inputs,
    state: config.state,
    checkpointEveryMs: config.checkpoint.every,
    maxOpenFiles: config.maxOpenFiles,
    consumer: delivery,
    logger,
    metrics: createFollowMetrics(metrics, Object.keys(config.inputs)),
  });
  const sentinel = config.exitWhen && watchFor(config.exitWhen.file, finish);
  readiness.check('outputs', () => {
    const [message] = failures;
    return message === undefined ? { ok: true } : { ok: false, message };
  });
  return {
    finished,
    files: follower.files,
    async start() {
      await delivery.start();
      await follower.start();
    },
    async stop(deadline) {
      clearInterval(sentinel);
      const { quiet, deadline: limit } = config.shutdown;
      // A fifth of the time is kept for what comes behind reading.
      const reading = AbortSignal.any([deadline, AbortSignal.timeout(limit * 0.8)]);
      const unread = failures.length === 0 ? await follower.settle(quiet, reading) : [];
      const unsent = failures.length === 0 ? await delivery.drain(deadline) : [];
      await follower.close();
      await Promise.race([delivery.close(), pause(1000)]);
      return [...failures, ...unread, ...unsent];
    },
  };
}

function watchFor(file: string, found: () => void): NodeJS.Timeout {
  return setInterval(() => existsSync(file) && found(), 250).unref();
}
