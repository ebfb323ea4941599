import { existsSync } from 'node:fs';
import type { Readiness } from '../core/admin/readiness.ts';
import type { StatusSection } from '../core/admin/status.ts';
import type { Surroundings } from '../core/container.ts';
import { describeError, PodmatesError } from '../core/errors.ts';
import { pause } from '../core/lifecycle.ts';
import type { LogTailConfig } from './config.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createFollower, type Follower } from './follow/follower.ts';
import type { FileReport } from './follow/report.ts';
import { createFollowMetrics } from './metrics.ts';

export interface Pipeline {
  start(): Promise<void>;
  /**
   * Reads until quiet, sends on what is held, writes the checkpoint.
   * @returns what could not be finished before the deadline, in words
   */
  stop(deadline: AbortSignal): Promise<readonly string[]>;
  /** Goes on with another config, from where it is. Rejects, going on as before, when it cannot. */
  reload(config: LogTailConfig): Promise<void>;
  files(): readonly FileReport[];
  /** The state of each output. */
  outputs(): StatusSection;
  /** Resolves when the app has ended by `exitWhen`, the inputs have, or nothing can be written. */
  readonly finished: Promise<void>;
}

/** Follows and delivers: files -> lines -> records -> outputs, and the acknowledgements back. */
export function createPipeline(
  initial: LogTailConfig,
  surroundings: Surroundings,
  readiness: Readiness,
): Pipeline {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const followMetrics = createFollowMetrics(surroundings.metrics);
  const failures: string[] = [];

  const delivery = createDelivery(initial, {
    ...surroundings,
    acknowledge: (file, offset) => follower.acknowledge(file, offset),
    resume: () => follower.resume(),
    fail(error) {
      failures.push(`an output failed for good: ${describeError(error)}`);
      finish();
    },
  });
  const followWith = (config: LogTailConfig): Follower => {
    followMetrics.introduce(Object.keys(config.inputs));
    const made = createFollower({
      inputs: config.inputs,
      state: config.state,
      checkpointEveryMs: config.checkpoint.every,
      maxOpenFiles: config.maxOpenFiles,
      consumer: { take: (lines) => delivery.take(lines) },
      logger: surroundings.logger,
      metrics: followMetrics,
    });
    void made.ended.then(() => finish());
    return made;
  };
  let config = initial;
  let follower = followWith(config);
  const sentinel = setInterval(() => {
    if (config.exitWhen !== undefined && existsSync(config.exitWhen.file)) finish();
  }, 250).unref();

  readiness.check('outputs', () => ({ ok: failures.length === 0, message: failures.join('; ') }));
  return {
    finished,
    files: () => follower.files(),
    outputs: delivery.status,
    async start() {
      await delivery.start();
      await follower.start();
    },
    async reload(next) {
      checkReloadable(config, next);
      const sameFiles = followedBy(config) === followedBy(next);
      if (!sameFiles) follower.hold();
      try {
        await delivery.reload(next);
      } catch (error) {
        follower.release();
        throw error;
      }
      config = next;
      if (sameFiles) return;
      const handed = await follower.handOver();
      follower = followWith(next);
      await follower.start(handed.filter(({ generation }) => generation.file.input in next.inputs));
    },
    async stop(deadline) {
      clearInterval(sentinel);
      return [...failures, ...(await endInOrder(follower, delivery, config, failures, deadline))];
    },
  };
}

async function endInOrder(
  follower: Follower,
  delivery: Delivery,
  { shutdown }: LogTailConfig,
  failures: readonly string[],
  deadline: AbortSignal,
): Promise<readonly string[]> {
  const left: string[] = [];
  if (failures.length === 0) {
    // A fifth of the time is kept for what comes behind reading.
    const reading = AbortSignal.any([deadline, AbortSignal.timeout(shutdown.deadline * 0.8)]);
    left.push(...(await follower.settle(shutdown.quiet, reading)));
    left.push(...(await delivery.drain(deadline)));
  }
  await follower.close();
  await Promise.race([delivery.close(), pause(1000)]);
  return left;
}

/** The part of a config that the follower lives by, as text to compare. */
function followedBy({ inputs, state, checkpoint, maxOpenFiles }: LogTailConfig): string {
  const sources = Object.entries(inputs).map(([name, input]) => {
    const { paths, exclude, start, rotated, grace, deleted, maxLine, stdin, pipe, encoding } =
      input;
    return { name, paths, exclude, start, rotated, grace, deleted, maxLine, stdin, pipe, encoding };
  });
  return JSON.stringify({ sources, state, checkpoint, maxOpenFiles });
}

function checkReloadable(config: LogTailConfig, next: LogTailConfig): void {
  if (followedBy(config) === followedBy(next)) return;
  const inputs = [...Object.values(config.inputs), ...Object.values(next.inputs)];
  if (inputs.every(({ paths }) => paths !== undefined)) return;
  const reason = 'inputs cannot be changed while one of them is a stream; restart for that';
  throw new PodmatesError('ERR_CONFIG', `logTail.inputs: ${reason}`);
}
