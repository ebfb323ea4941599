/** When the start and its first probes are over, and when Prometheus has asked, in milliseconds. */
const times = [5000, 60_000];

/**
 * Gives back what the start and the first requests have left behind. Node collects garbage when room
 * runs out, and a container at rest asks for none: it would keep 6 MB for good. It takes some 40 ms of
 * CPU each time, and happens only where Node was started with `--expose-gc`, as in the images.
 */
export function settleSoon(): void {
  for (const time of times) setTimeout(collect, time).unref();
}

function collect(): void {
  // Only the last resort also drops code that has run its course, and returns emptied pages.
  void globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
}
