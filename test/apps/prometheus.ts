import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awaitUntil } from '../await-until.ts';

/** A Prometheus of Debian's, with an empty temporary data folder. */
export interface Prometheus {
  readonly address: string;
  /** The values of an instant query, by the labels that tell them apart, as `a="x",b="y"`. */
  query(expression: string): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** Says how to get the programs instead of skipping without a word. */
export function requirePrograms(...names: readonly string[]): void {
  for (const name of names) {
    if (spawnSync('which', [name]).status !== 0) {
      throw new Error(`${name} is not installed; apt-get install -y prometheus`);
    }
  }
}

/** @param scrapeConfigs the YAML list under `scrape_configs:` */
export async function startPrometheus(scrapeConfigs: string): Promise<Prometheus> {
  requirePrograms('prometheus', 'promtool');
  const folder = await mkdtemp(join(tmpdir(), 'podmates-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  const config = `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${scrapeConfigs}`;
  await writeFile(file, config);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const log: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  try {
    await awaitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`prometheus ended: ${log.join('')}`);
        return (await fetch(`http://${address}/-/ready`)).ok;
      },
      { what: 'prometheus is ready', timeoutMs: 30_000 },
    );
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    address,
    query: (expression) => query(address, expression),
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function query(address: string, expression: string): Promise<ReadonlyMap<string, number>> {
  const body = new URLSearchParams({ query: expression });
  const response = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return new Map(
    answer.data.result.map(({ metric, value }) => [
      Object.entries(metric)
        .sort()
        .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
        .join(','),
      Number(value[1]),
    ]),
  );
}

/** What `promtool check metrics` says of a page, and how it ends: 0 clean, 3 lint, 1 not a page. */
export function checkMetrics(page: string): {
  readonly status: number | null;
  readonly says: string;
} {
  requirePrograms('promtool');
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  return { status, says: stderr + stdout };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
}

/** Prometheus cannot be asked which port it took, so it is given one that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
