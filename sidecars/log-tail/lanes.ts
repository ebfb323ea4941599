import type { Logger } from '../core/logger.ts';
import type { DeliveryConfig } from './delivery.ts';
import type { DeliveryMetrics } from './delivery-metrics.ts';
import { createLane, type Lane } from './lane.ts';
import type { LineMetrics } from './line-metrics/line-metrics.ts';
import type { ParseConfig } from './parse/config.ts';
import { createBytesFilter } from './shape/bytes-filter.ts';
import { createShaper } from './shape/shaper.ts';
import type { Output } from './ship/output.ts';

export interface LanesOptions {
  readonly logger: Logger;
  readonly counters: DeliveryMetrics;
  readonly lineMetrics: LineMetrics;
  readonly outputs: readonly Output[];
}

/**
 * Prepares a lane for each input; all that can fail is done when this resolves.
 * @returns a function that makes them, to be called when the metrics of the config are in force
 * @throws PodmatesError ERR_MODULE
 */
export async function createLanes(
  { inputs, steps }: Pick<DeliveryConfig, 'inputs' | 'steps'>,
  { logger, counters, lineMetrics, outputs }: LanesOptions,
): Promise<() => ReadonlyMap<string, Lane>> {
  const failed = (error: unknown, name: string) => {
    counters.transformFailed();
    logger.warn({ err: error, transform: name }, `the transform ${name} threw`);
  };
  const shaper =
    steps.length === 0 ? undefined : await createShaper(steps, { ...counters, failed });
  const make = (input: string, config: ParseConfig): Lane =>
    createLane({
      config,
      shaper,
      filter: readsJson(config) ? createBytesFilter(steps, counters) : undefined,
      lineMetrics,
      outputs,
      unparsed: () => counters.unparsed(input),
    });
  return () =>
    new Map(Object.entries(inputs).map(([input, config]) => [input, make(input, config)]));
}

/** Whether a line that begins with a brace is read as JSON. */
function readsJson({ format }: ParseConfig): boolean {
  return format === 'json' || format === 'auto';
}
