import type { Surroundings } from '../core/container.ts';
import type { AdapterConfig } from './config.ts';
import { createDelivery, type Delivery } from './deliver.ts';
import type { AdapterMetrics } from './metrics.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { createProbe, type Probe } from './probe/probe.ts';
import { createPushOutput, type Output } from './publish/push.ts';
import { createTextfileOutput } from './publish/textfile.ts';

/** Everything that runs by one config; a reload puts another in its place. */
export interface Running {
  readonly pipeline: Pipeline;
  readonly probe: Probe;
  /** Begins to deliver pages where the config says so. */
  start(): void;
  /** Collects and delivers a last time, and ends. @returns what was not delivered */
  stop(deadline?: AbortSignal): Promise<readonly string[]>;
  /** Ends at once. */
  close(): Promise<void>;
}

export interface RunningOptions extends Surroundings {
  readonly own: AdapterMetrics;
  /** Called once, when the app has ended as `push.exitWhenGone` means it. */
  onGone(): void;
}

export async function openRunning(
  config: AdapterConfig,
  options: RunningOptions,
): Promise<Running> {
  const pipeline = await openPipeline(config, options);
  const probe = createProbe({ adapter: config, sources: pipeline.sources });
  const onCollected = watchForEnd(config.push?.exitWhenGone, options.onGone);
  const deliveries = openOutputs(config).map(
    (output): Delivery => createDelivery({ ...options, output, pipeline, onCollected }),
  );
  const closeSources = async () => {
    await probe.close();
    await pipeline.close();
  };
  return {
    pipeline,
    probe,
    start() {
      for (const delivery of deliveries) delivery.start();
    },
    async stop(deadline) {
      const left = await Promise.all(deliveries.map((delivery) => delivery.stop(deadline)));
      await closeSources();
      return left.flat();
    },
    async close() {
      await Promise.all(deliveries.map((delivery) => delivery.close()));
      await closeSources();
    },
  };
}

function openOutputs({ push, textfile }: AdapterConfig): Output[] {
  return [
    ...(push === undefined ? [] : [createPushOutput(push)]),
    ...(textfile === undefined ? [] : [createTextfileOutput(textfile)]),
  ];
}

/** Tells, once, when no source has answered for `afterMs` after one did. */
function watchForEnd(afterMs: number | undefined, onGone: () => void): (answered: boolean) => void {
  let lastAnswer: number | undefined;
  let told = false;
  return (answered) => {
    const now = performance.now();
    if (answered) lastAnswer = now;
    if (afterMs === undefined || lastAnswer === undefined || told || now - lastAnswer < afterMs)
      return;
    told = true;
    onGone();
  };
}
