import { request } from 'undici';
import type { Curve, Point } from './curve.ts';
import type { Growth } from './growth.ts';
import { middle } from './middle.ts';
import { startContestant, startPodmates } from './podmates.ts';
import { freePort, listening } from './program.ts';
import { adapterConfig } from './stats-document.ts';

/** An app with ever more series. */
export async function growSeries({ sizes }: Growth): Promise<Curve> {
  const points = [];
  for (const count of sizes(100, 1000, 10_000, 100_000)) points.push(await measure(count));
  return { name: 'adapter: series on a page', unit: 'series', size: 'series', points };
}

async function measure(size: number): Promise<Point> {
  const [originPort, port] = [await freePort(), await freePort()];
  const origin = startContestant('stats-origin.mjs', [originPort, size / 4], { core: 1 });
  await listening(originPort);
  const config = adapterConfig(`http://127.0.0.1:${originPort}/`, port);
  const program = startPodmates('adapter', config, { core: 0 });
  try {
    await listening(port);
    const scrapes = Math.max(10, Math.min(300, 1_000_000 / size));
    await scrape(port, size, scrapes); // warm up
    const cpuPerUnit = await middle(async () => {
      const before = program.cost().cpuSeconds;
      await scrape(port, size, scrapes);
      return (program.cost().cpuSeconds - before) / (scrapes * size);
    });
    return { size, cpuPerUnit, residentBytes: program.cost().residentBytes };
  } finally {
    await program.stop();
    await origin.stop();
  }
}

async function scrape(port: number, size: number, times: number): Promise<void> {
  let page = '';
  for (let n = 0; n < times; n++) {
    const { body } = await request(`http://127.0.0.1:${port}/metrics`);
    page = await body.text();
  }
  const seen = page.match(/^app_\w+\{/gm)?.length ?? 0;
  if (seen !== size) throw new Error(`the page shows ${seen} series of ${size}`);
}
