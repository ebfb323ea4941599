import type { TestContext } from 'node:test';

/** Lets the clock that never jumps, jump; timers stay as they are. */
export function clock(test: TestContext) {
  const real = performance.now.bind(performance);
  let ahead = 0;
  test.mock.method(performance, 'now', () => real() + ahead);
  return {
    advance(seconds: number) {
      ahead += seconds * 1000;
    },
  };
}
