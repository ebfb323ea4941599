/** Leaves an app alone that fails again and again, and tries it with one request now and then. */
export interface Breaker {
  /** Whether a request may go on; one that may not gets 503 at once. */
  allows(): boolean;
  /** How a request that went on ended. */
  noted(well: boolean): void;
  readonly open: boolean;
}

export interface BreakerOptions {
  /** Failures in a row after which it opens. */
  readonly failures: number;
  /** How long it stays open, in milliseconds. */
  readonly open: number;
  readonly now?: () => number;
}

export function createBreaker({
  failures,
  open,
  now = () => performance.now(),
}: BreakerOptions): Breaker {
  let inARow = 0;
  let openUntil: number | undefined;
  return {
    get open() {
      return openUntil !== undefined;
    },
    allows() {
      if (openUntil === undefined) return true;
      if (now() < openUntil) return false;
      openUntil = now() + open; // this one tries; the others wait for what becomes of it
      return true;
    },
    noted(well) {
      if (well) {
        inARow = 0;
        openUntil = undefined;
      } else if (++inARow >= failures) openUntil = now() + open;
    },
  };
}
