import { awaitUntil } from '../../await-until.ts';
import type { Prometheus } from '../prometheus.ts';

/** Waits until a counter has been scraped that often. */
export async function awaitSamples(
  prometheus: Prometheus,
  counter: string,
  count: number,
): Promise<void> {
  await awaitUntil(
    async () => {
      const found = await prometheus.query(`count_over_time(${counter}[5m])`);
      return [...found.values()].some((samples) => samples >= count);
    },
    { what: `${count} samples of ${counter}`, timeoutMs: (count + 30) * 1000 },
  );
}

/** The address of Prometheus' own page, with a graph of the expression. */
export function graphUrl(prometheus: Prometheus, expression: string, seconds: number): string {
  const url = new URL(`http://${prometheus.address}/graph`);
  url.searchParams.set('g0.expr', expression);
  url.searchParams.set('g0.tab', '0');
  url.searchParams.set('g0.range_input', `${seconds}s`);
  return url.href;
}
