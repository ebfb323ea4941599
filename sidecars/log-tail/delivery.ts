import type { StatusSection } from '../core/admin/status.ts';
import type { Surroundings } from '../core/container.ts';
import type { LogTailConfig } from './config.ts';
import { createDeliveryMetrics } from './delivery-metrics.ts';
import { createHeldFiles } from './held-files.ts';
import type { Lane } from './lane.ts';
import { createLanes } from './lanes.ts';
import { createLineMetrics } from './line-metrics/line-metrics.ts';
import { createOutputSet, type OutputSet } from './output-set.ts';
import type { Acknowledge, LineConsumer } from './record.ts';
import { createProgress } from './ship/queue/progress.ts';

export interface DeliverySurroundings extends Surroundings {
  readonly acknowledge: Acknowledge;
  /** Called when there is room again after `take` returned false. */
  resume(): void;
  /** Called once when a required output can never take anything again. */
  fail(error: unknown): void;
}

/** The part of the config that is about lines once they are read. */
export type DeliveryConfig = Pick<
  LogTailConfig,
  'inputs' | 'labels' | 'steps' | 'metrics' | 'outputs'
>;

/** What happens to lines behind the follower: parsed, shaped, counted, shipped. */
export interface Delivery extends LineConsumer {
  /** Opens the outputs. @throws when a file or module of the config cannot be opened */
  start(): Promise<void>;
  /**
   * Puts another config in force between two lines: outputs that stay as they are go on with what
   * they hold, new ones begin with the next line, and those that are gone send what they hold.
   * Rejects, with the old config in force, when the new one cannot be.
   */
  reload(config: DeliveryConfig): Promise<void>;
  /** Sends on what it holds. @returns what could not be sent until the deadline, in words */
  drain(deadline: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
  status(): StatusSection;
}

export function createDelivery(
  initial: DeliveryConfig,
  { logger, metrics, acknowledge, resume, fail }: DeliverySurroundings,
): Delivery {
  const counters = createDeliveryMetrics(metrics);
  const lineMetrics = createLineMetrics(initial.metrics, metrics);
  const progress = createProgress(acknowledge);
  const held = createHeldFiles(() => flush(performance.now()));
  const outputs: OutputSet = createOutputSet({
    logger,
    metrics: counters.ship,
    failed: fail,
    forget: progress.forget,
    reached: progress.reach,
    room: () => {
      if (!outputs.isFull()) resume();
    },
  });
  let lanes: ReadonlyMap<string, Lane> = new Map();

  const give = (lane: Lane, file: Parameters<Acknowledge>[0], next: number) => {
    const offset = lane.safeOffset(file, next);
    held.note(file, next, offset);
    progress.give({ file, offset }, outputs.list(), offset < next);
  };
  const flush = (now?: number) => {
    for (const lane of lanes.values()) lane.flush(now);
    for (const { file, next } of held.list()) {
      const lane = lanes.get(file.input);
      if (lane !== undefined) give(lane, file, next);
    }
  };
  const apply = async (config: DeliveryConfig) => {
    const change = await outputs.prepare(config.outputs, config.labels);
    const made = await createLanes(config, {
      logger,
      counters,
      lineMetrics,
      outputs: change.outputs,
    }).catch(async (error: unknown) => {
      await change.undo();
      throw error;
    });
    flush();
    lineMetrics.reload(config.metrics);
    lanes = made();
    change.commit();
    counters.introduce(Object.keys(config.inputs));
  };
  return {
    start: () => apply(initial),
    reload: apply,
    take({ file, next, ...rest }) {
      const lane = lanes.get(file.input);
      if (lane === undefined) return !outputs.isFull();
      progress.begin(file, rest.offset);
      lane.take({ file, next, ...rest });
      give(lane, file, next);
      return !outputs.isFull();
    },
    async drain(deadline) {
      flush();
      return outputs.drain(deadline);
    },
    async close() {
      held.close();
      await outputs.close();
    },
    status: outputs.status,
  };
}
