import type { FollowMetrics } from '../../metrics.ts';
import type { FollowedFile, LineConsumer } from '../../record.ts';
import type { Block } from './blocks.ts';
import { createLineCounter } from './count-lines.ts';

/** The one way out of the follower: counts what passes, and is shut while the consumer is full. */
export interface Gate {
  /** Memory to read into, of which lines are counted for next to nothing. */
  readonly memory: Buffer;
  hand(file: FollowedFile, block: Block, partial: boolean): void;
  isFull(): boolean;
  /** The consumer has room again. */
  resume(): void;
  /** Lets nothing pass until `release`, as while the consumer is exchanged. */
  hold(): void;
  release(): void;
  /** Calls back whenever there is room again. */
  onRoom(listener: () => void): void;
  /** How often anything was handed on. */
  passed(): number;
}

export function createGate(consumer: LineConsumer, { bytes: read, lines }: FollowMetrics): Gate {
  const counter = createLineCounter();
  const listeners: (() => void)[] = [];
  let full = false;
  let held = false;
  let passed = 0;
  const announce = () => {
    for (const listener of listeners) listener();
  };
  return {
    memory: counter.memory,
    hand(file, { bytes, offset, next, cut }, partial) {
      const { input } = file;
      passed += 1;
      read.inc({ input }, next - offset);
      const count = counter.count(bytes) + (partial ? 1 : 0);
      lines.inc({ input }, count);
      if (!consumer.take({ file, bytes, offset, next, count, partial, cut })) full = true;
    },
    isFull: () => full || held,
    resume() {
      full = false;
      if (!held) announce();
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      full = false;
      announce();
    },
    onRoom: (listener) => void listeners.push(listener),
    passed: () => passed,
  };
}
