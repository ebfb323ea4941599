import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goodKey } from './callers.ts';
import { createLogFile, type LogFile } from './log-file.ts';
import { type Mate, startMate } from './mate.ts';
import { writeConfig, writeKeys } from './podmates-yaml.ts';
import { createShop, type Shop } from './shop.ts';

/** The pod on this machine: the shop, its log volume, and the three containers as processes. */
export interface Pod {
  readonly shop: Shop;
  readonly log: LogFile;
  readonly mates: { readonly logTail: Mate; readonly ambassador: Mate; readonly adapter: Mate };
  /** Where callers go. */
  readonly entry: string;
  /** The one page that Prometheus scrapes. */
  readonly metricsPage: string;
  readonly folder: string;
  /** Stops the containers, the one that callers meet first. @returns how each ended */
  stop(): Promise<Readonly<Record<string, number | string>>>;
  /** Also when something did not start or stop. */
  remove(): Promise<void>;
}

/** @param onLine gets each line that log-tail puts out */
export async function startPod(onLine: (line: string) => void): Promise<Pod> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-demo-'));
  const volume = join(folder, 'log');
  await mkdir(volume);
  const log = createLogFile({ file: join(volume, 'shop.log'), rotateMs: 2500, keep: 3 });
  const shop = createShop(log);
  const mates: Mate[] = [];
  const start = async (name: string, environment: Record<string, string>) => {
    const mate = await startMate({ name, config, environment, onLine });
    mates.push(mate);
    return mate;
  };
  const remove = async () => {
    await Promise.all(mates.map((mate) => mate.stop()));
    await shop.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const config = await writeConfig(folder);
  try {
    const app = { APP_URL: await shop.start() };
    const logTail = await start('log-tail', { STATE_DIR: join(folder, 'state'), LOG_DIR: volume });
    const ambassador = await start('ambassador', {
      ...app,
      AMBASSADOR_LISTEN: '127.0.0.1:0',
      KEYS_FILE: await writeKeys(folder, goodKey),
    });
    const adapter = await start('adapter', {
      ...app,
      AMBASSADOR_METRICS: `http://${ambassador.addresses['admin']}/metrics`,
      LOG_TAIL_METRICS: `http://${logTail.addresses['admin']}/metrics`,
    });
    return {
      shop,
      log,
      mates: { logTail, ambassador, adapter },
      entry: `http://${ambassador.addresses['http']}`,
      metricsPage: `http://${adapter.addresses['admin']}/metrics`,
      folder,
      async stop() {
        const endings: Record<string, number | string> = {};
        for (const mate of [ambassador, adapter, logTail]) endings[mate.name] = await mate.stop();
        return endings;
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
