import { pause } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Metrics } from '../core/metrics.ts';
import type { LogTailConfig } from './config.ts';
import type { Acknowledge, LineConsumer } from './record.ts';
import { createStdout } from './ship/stdout.ts';

export interface DeliverySurroundings {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly acknowledge: Acknowledge;
  /** Called when there is room again after `take` returned false. */
  resume(): void;
  /** Called once when a required output can never take anything again. */
  fail(error: unknown): void;
}

/** What happens to lines behind the follower: parsed, shaped, counted, shipped. */
export interface Delivery extends LineConsumer {
  start(): Promise<void>;
  /** Sends on what it holds. @returns what could not be sent until the deadline, in words */
  drain(deadline: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function createDelivery(
  _config: LogTailConfig,
  { acknowledge, resume, fail }: DeliverySurroundings,
): Delivery {
  const stdout = createStdout({ acknowledge, resume, fail });
  return {
    take: stdout.take,
    async start() {},
    async drain(deadline) {
      while (stdout.pending() > 0 && !deadline.aborted) await pause(5, deadline);
      const left = stdout.pending();
      return left === 0 ? [] : [`${left} bytes that standard output did not take`];
    },
    async close() {
      stdout.close();
    },
  };
}
