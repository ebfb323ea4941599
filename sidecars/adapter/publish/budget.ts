/** For scrapers that do not say how long they wait, such as people with curl; milliseconds. */
const untoldMs = 60_000;

/**
 * How long a scrape may take, from `X-Prometheus-Scrape-Timeout-Seconds`: what Prometheus waits, less
 * an offset in which the page still has to be written and sent.
 * @returns milliseconds
 */
export function scrapeBudget(header: string | undefined, offsetMs: number): number {
  const seconds = Number(header);
  if (header === undefined || !(seconds > 0) || seconds > 86_400) return untoldMs;
  const whole = seconds * 1000;
  // Of a very short timeout the offset would leave nothing; half of it is for the app then.
  return Math.ceil(Math.max(whole - offsetMs, whole / 2));
}
