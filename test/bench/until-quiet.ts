/** Waits until a number has stood still for a while, counted from its first growth. */
export async function untilQuiet(
  read: () => number,
  quietMs: number,
): Promise<{ last: number; grownAt: number }> {
  let last = 0;
  let grownAt = performance.now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const now = read();
    if (now !== last) {
      last = now;
      grownAt = performance.now();
    } else if (performance.now() - grownAt > (last === 0 ? 20_000 : quietMs)) {
      return { last, grownAt };
    }
  }
}
