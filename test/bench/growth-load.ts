import type { Point } from './curve.ts';
import { applyLoad, type Load } from './load.ts';
import { middle } from './middle.ts';
import { startPodmates } from './podmates.ts';
import { freePort, listening, type Program } from './program.ts';

export type PathLoad = Omit<Load, 'url'> & {
  readonly path: string;
  readonly warmUpSeconds: number;
};

export interface Ambassador {
  readonly program: Program;
  readonly url: string;
  readonly adminUrl: string;
}

/** Starts an ambassador before the app, with what `config` says of routes and the rest. */
export async function startAmbassador(appPort: number, config: string): Promise<Ambassador> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const text = `ambassador:
  listen: "127.0.0.1:${port}"
  admin: { listen: "127.0.0.1:${adminPort}" }
  upstream: { url: "http://127.0.0.1:${appPort}", timeouts: { connect: 15s } }
${config}`;
  const program = startPodmates('ambassador', text, { core: 0 });
  await listening(port);
  return { program, url: `http://127.0.0.1:${port}`, adminUrl: `http://127.0.0.1:${adminPort}` };
}

/** What a request costs under a load. */
export async function measureLoad(
  size: number,
  appPort: number,
  config: string,
  { path, warmUpSeconds, ...rest }: PathLoad,
): Promise<Point> {
  const { program, url } = await startAmbassador(appPort, config);
  try {
    const load = { ...rest, url: `${url}${path}` };
    await applyLoad({ ...load, seconds: warmUpSeconds });
    const cpuPerUnit = await middle(async () => {
      const before = program.cost().cpuSeconds;
      const { requests, failures } = await applyLoad(load);
      if (failures > 0) throw new Error(`${failures} of ${requests} requests failed at ${size}`);
      return (program.cost().cpuSeconds - before) / requests;
    });
    return { size, cpuPerUnit, residentBytes: program.cost().residentBytes };
  } finally {
    await program.stop();
  }
}
