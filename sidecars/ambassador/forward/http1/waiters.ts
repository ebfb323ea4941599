import type { Connection } from './connection.ts';

export type Taker = (connection: Connection | undefined) => void;

/** Those who wait for a connection, first come first served, each for a bounded time. */
export interface Waiters {
  add(taker: Taker): { cancel(): void };
  /** Gives a connection to who has waited longest; false when nobody waits. */
  serve(connection: () => Connection): boolean;
  /** Sends away, with undefined, those who have waited too long. */
  expire(now: number): void;
  readonly size: number;
}

export function createWaiters(patienceMs: number): Waiters {
  const waiting = new Map<Taker, number>(); // in the order of their coming
  let turns = waiting.keys(); // kept: a new one would have to pass the places of all who have gone
  return {
    add(taker) {
      waiting.set(taker, performance.now());
      return { cancel: () => void waiting.delete(taker) };
    },
    serve(connection) {
      if (waiting.size === 0) return false;
      let turn = turns.next();
      if (turn.done) {
        turns = waiting.keys();
        turn = turns.next();
      }
      const taker = turn.value;
      if (taker === undefined) return false;
      waiting.delete(taker);
      taker(connection());
      return true;
    },
    expire(now) {
      for (const [taker, since] of waiting) {
        if (now - since <= patienceMs) return;
        waiting.delete(taker);
        taker(undefined);
      }
    },
    get size() {
      return waiting.size;
    },
  };
}
