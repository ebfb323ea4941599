/**
 * How long a scrape may take, from `X-Prometheus-Scrape-Timeout-Seconds`: what Prometheus waits, less
 * an offset in which the page still has to be written and sent.
 * @returns milliseconds, or undefined when the scraper does not say
 */
export function scrapeBudget(header: string | undefined, offsetMs: number): number | undefined {
  const seconds = Number(header);
  if (header === undefined || !(seconds > 0) || !Number.isFinite(seconds)) return undefined;
  const whole = seconds * 1000;
  // Of a very short timeout the offset would leave nothing; half of it is for the app then.
  return Math.max(whole - offsetMs, whole / 2);
}
