/** When the start and its first probes are over, in milliseconds. */
const afterMs = 5000;

/**
 * Gives back once what the start has left behind. Node collects garbage when room runs out, and a
 * container at rest asks for none: it would keep 6 MB for good. It takes some 40 ms of CPU, and only
 * where Node was started with `--expose-gc`, as in the images.
 */
export function settleSoon(): void {
  setTimeout(() => {
    // Only the last resort also drops code that has run its course, and returns emptied pages.
    void globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
  }, afterMs).unref();
}
