import { pause } from '../../../core/lifecycle.ts';
import type { Sender } from './sender.ts';
import type { Queued, Waiting } from './waiting.ts';

export interface PumpOptions {
  readonly waiting: Waiting;
  readonly sender: Sender;
  sent(batch: Queued): void;
  /** Something that should not happen. */
  broken(error: unknown): void;
}

/** Sends what waits, one batch after the other, while anything does. */
export interface Pump {
  start(): void;
  /** Resolves when nothing waits any more, or the signal aborts. */
  empty(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createPump({ waiting, sender, sent, broken }: PumpOptions): Pump {
  let running: Promise<void> | undefined;
  /** @returns whether to go on with what came in the meantime */
  const run = async (): Promise<boolean> => {
    for (let batch = waiting.first(); batch !== undefined; batch = waiting.first()) {
      if (!(await sender.send(batch))) return false;
      waiting.shift();
      sent(batch);
    }
    return true;
  };
  const start = () => {
    if (running !== undefined || waiting.first() === undefined) return;
    running = run()
      .catch((error: unknown) => {
        broken(error);
        return false;
      })
      .then((goOn) => {
        running = undefined;
        if (goOn) start();
      });
  };
  return {
    start,
    async empty(signal) {
      while (waiting.first() !== undefined && !signal.aborted) {
        start();
        const waited = new AbortController();
        await Promise.race([running, pause(1000, AbortSignal.any([signal, waited.signal]))]);
        waited.abort();
      }
    },
    idle: async () => running,
  };
}
