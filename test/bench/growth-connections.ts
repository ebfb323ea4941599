import { readdirSync } from 'node:fs';
import { request } from 'undici';
import type { Curve, Point } from './curve.ts';
import type { Growth } from './growth.ts';
import { type Ambassador, startAmbassador } from './growth-load.ts';
import { applyLoad } from './load.ts';
import { middle } from './middle.ts';
import { readThreadSeconds } from './process-cost.ts';

/** Requests over ever more connections, counted while all are open. */
export async function growConnections(
  { sizes, loadSeconds }: Growth,
  appPort: number,
): Promise<Curve> {
  const points = [];
  for (const count of sizes(1, 10, 100, 1000, 10_000))
    points.push(await measure(count, appPort, loadSeconds));
  return { name: 'ambassador: connections', unit: 'request', size: 'connections', points };
}

async function measure(size: number, appPort: number, seconds: number): Promise<Point> {
  const config = '  limits: { connections: 20000 }\n  routes: [{ path: /**, public: true }]\n';
  const ambassador = await startAmbassador(appPort, config);
  const load = { url: `${ambassador.url}/page`, connections: size, patienceSeconds: 15 };
  try {
    await applyLoad({ ...load, connections: Math.min(size, 64), seconds: 2 }); // warm up
    let ended = false;
    const loaded = applyLoad({
      ...load,
      seconds: 3 * seconds + 6 + Math.ceil(size / 400),
    }).finally(() => {
      ended = true;
    });
    await untilOpen(ambassador, size);
    const cpuPerUnit = await middle(async () => {
      const before = await sample(ambassador);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const after = await sample(ambassador);
      return (after.cpuSeconds - before.cpuSeconds) / (after.requests - before.requests);
    });
    if (ended) throw new Error(`the load of ${size} connections ended before it was measured`);
    const { residentBytes } = ambassador.program.cost();
    const { requests, failures } = await loaded;
    if (failures > 0) throw new Error(`${failures} of ${requests} requests failed at ${size}`);
    return { size, cpuPerUnit, residentBytes };
  } finally {
    await ambassador.program.stop();
  }
}

/** Resolves when the process has as many files open as there should be connections. */
async function untilOpen({ program: { pid } }: Ambassador, connections: number): Promise<void> {
  const end = performance.now() + 60_000;
  while (readdirSync(`/proc/${pid}/fd`).length < connections) {
    if (performance.now() > end) throw new Error(`${connections} connections did not open`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function sample({ program, adminUrl }: Ambassador) {
  const { body } = await request(`${adminUrl}/metrics`);
  let requests = 0;
  for (const [, value] of (await body.text()).matchAll(
    /^podmates_ambassador_requests_total\{[^}]*\} (\d+)$/gm,
  ))
    requests += Number(value);
  return { requests, cpuSeconds: readThreadSeconds(program.pid) };
}
