import { createBackoff } from '../core/backoff.ts';
import { describeError } from '../core/errors.ts';
import { deadlineIn, pause } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { AdapterMetrics } from './metrics.ts';
import type { Outcome, Pipeline } from './pipeline.ts';
import { mergeFamilies } from './publish/merge.ts';
import { format } from './publish/negotiate.ts';
import { type Output, RefusedPageError } from './publish/push.ts';
import { writePage } from './publish/write.ts';
import type { Family } from './sample.ts';

/** Collects at intervals and sends what it got where no scrape would fetch it. */
export interface Delivery {
  start(): void;
  /**
   * Collects and sends a last time, trying again until the deadline.
   * @returns what did not arrive
   */
  stop(deadline?: AbortSignal): Promise<readonly string[]>;
  /** Ends without a last page, for another delivery goes on. */
  close(): Promise<void>;
}

export interface DeliveryOptions {
  readonly output: Output;
  readonly pipeline: Pick<Pipeline, 'collect'>;
  readonly logger: Logger;
  readonly own: Pick<AdapterMetrics, 'deliveries' | 'delivered'>;
  /** Called after every collection, with whether any source answered. */
  onCollected(answered: boolean): void;
}

/** Of the grace period of a pod, 30 s by default, this leaves enough for everything else. */
const lastSendMs = 10_000;
const lastCollectMs = 3_000;

export function createDelivery(options: DeliveryOptions): Delivery {
  const { output, pipeline, onCollected } = options;
  const { name, intervalMs } = output;
  const send = createSender(options);
  const ended = new AbortController();
  const backoff = createBackoff({ minMs: 200, maxMs: 2000 });
  let good: string | undefined;
  let loop: Promise<void> = Promise.resolve();

  /** The newest page of which no source is missing; else what is there now. */
  const collect = async (signal: AbortSignal): Promise<string | undefined> => {
    const outcomes = await pipeline.collect(signal);
    const answered = outcomes.some(({ error }) => error === undefined);
    onCollected(answered);
    if (outcomes.every(({ error }) => error === undefined)) {
      good = writeDelivered(outcomes, Date.now() / 1000);
      return good;
    }
    // Without an app, the values it had last are the ones that count: a push is no scrape.
    return good ?? (answered ? writeDelivered(outcomes, undefined) : undefined);
  };
  const run = async () => {
    while (!ended.signal.aborted) {
      const page = await collect(deadlineIn(intervalMs, ended.signal));
      if (page !== undefined && !ended.signal.aborted) {
        await send(page, deadlineIn(intervalMs, ended.signal));
      }
      await pause(intervalMs, ended.signal);
    }
  };
  return {
    start() {
      loop = run();
    },
    async close() {
      ended.abort();
      await loop;
      await output.close();
    },
    async stop(deadline) {
      ended.abort();
      await loop;
      const end = deadlineIn(lastSendMs, deadline);
      const page = await collect(deadlineIn(lastCollectMs, end));
      let reason = page === undefined ? 'no source ever answered' : await send(page, end);
      for (let failures = 1; page !== undefined && reason !== undefined; failures++) {
        if (end.aborted || reason.startsWith('refused:')) break;
        await pause(backoff(failures), end);
        if (!end.aborted) reason = await send(page, end);
      }
      await output.close();
      return reason === undefined ? [] : [`${name}: ${reason}`];
    },
  };
}

/**
 * Sends pages, counts them, and says when they no longer arrive, and when they do again.
 * @returns a function that tells why a page did not arrive; undefined when it did
 */
function createSender({ output, logger, own }: DeliveryOptions) {
  const { name, place } = output;
  let failing = false;
  for (const result of ['success', 'error']) own.deliveries.inc({ output: name, result }, 0);
  return async (page: string, signal: AbortSignal): Promise<string | undefined> => {
    try {
      await output.send(page, signal);
      own.deliveries.inc({ output: name, result: 'success' });
      own.delivered.set({ output: name }, Date.now() / 1000);
      if (failing) logger.info({ output: name }, `${place}: taken again`);
      failing = false;
      return undefined;
    } catch (error) {
      own.deliveries.inc({ output: name, result: 'error' });
      const reason = describeError(error);
      if (!failing) logger.warn({ output: name }, `not delivered: ${reason}`);
      failing = true;
      return error instanceof RefusedPageError ? `refused: ${reason}` : reason;
    }
  };
}

/** @param completeAt when every source was collected, in seconds since the epoch */
function writeDelivered(outcomes: readonly Outcome[], completeAt: number | undefined): string {
  const up: Family = {
    name: 'podmates_adapter_source_up',
    type: 'gauge',
    help: 'Whether the last collection of the source succeeded.',
    labels: outcomes.map(({ source }) => `source="${source.name}"`),
    points: outcomes.map(({ error }) => (error === undefined ? 1 : 0)),
  };
  const at: Family = {
    name: 'podmates_adapter_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When everything on this page was collected.',
    labels: completeAt === undefined ? [] : [''],
    points: completeAt === undefined ? [] : [completeAt],
  };
  const parts = outcomes.map(({ source, collected }) => ({
    source: source.name,
    families: (collected?.families ?? []).map(withoutTimes),
  }));
  const first = { source: 'podmates', families: completeAt === undefined ? [up] : [up, at] };
  const { pages } = mergeFamilies([first, ...parts], 'underscores');
  return writePage(pages, format('text', 'underscores'));
}

/** Neither the Pushgateway nor node exporter takes samples with a time of their own. */
function withoutTimes(family: Family): Family {
  const points = family.points.map((point) => {
    if (typeof point === 'number') return point;
    const { timestamp: _, ...timeless } = point;
    return timeless;
  });
  return { ...family, points } as Family; // the same points of the same type, less one optional field
}
