import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrometheus } from './build-prometheus.ts';
import { startServer } from './server.ts';
import { readShippedConfig, type TestPlaces } from './shipped-config.ts';

export interface Prometheus {
  readonly url: string;
  /** The samples of an instant query. */
  query(expression: string): Promise<readonly Sample[]>;
  /** What discovery made of the pods. */
  targets(): Promise<readonly Target[]>;
  alerts(): Promise<readonly Alert[]>;
  stop(): Promise<void>;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Target {
  readonly job: string;
  readonly labels: Labels;
  readonly url: string;
  readonly health: string;
  readonly lastError: string;
}

export interface Alert {
  readonly name: string;
  readonly state: string;
  readonly labels: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** Starts Prometheus on the configuration of `k8s/`, with the API server double in its place. */
export async function startPrometheus(places: TestPlaces): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'podmates-prometheus-'));
  const config = join(directory, 'prometheus.yml');
  const { path, findsPods } = await findPrometheus();
  await writeFile(config, readShippedConfig(places, findsPods));
  const server = await startServer(path, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
  ]);
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(server.url + path, { signal: AbortSignal.timeout(10_000) });
    const body: unknown = await response.json();
    if (!isRecord(body) || body['status'] !== 'success') {
      throw new Error(`${path}: ${JSON.stringify(body)}`);
    }
    return body['data'];
  };
  return {
    url: server.url,
    async query(expression) {
      const data = await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return listOf(data, 'result').map(toSample);
    },
    async targets() {
      return listOf(await ask('/api/v1/targets?state=active'), 'activeTargets').map(toTarget);
    },
    async alerts() {
      return listOf(await ask('/api/v1/alerts'), 'alerts').map((one) => ({
        name: labelsOf(one['labels'])['alertname'] ?? '',
        state: String(one['state']),
        labels: labelsOf(one['labels']),
      }));
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}

function toSample(one: Record<string, unknown>): Sample {
  const value: unknown[] = Array.isArray(one['value']) ? one['value'] : [];
  return { labels: labelsOf(one['metric']), value: Number(value[1]) };
}

function toTarget(one: Record<string, unknown>): Target {
  return {
    job: String(one['scrapePool']),
    labels: labelsOf(one['labels']),
    url: String(one['scrapeUrl']),
    health: String(one['health']),
    lastError: String(one['lastError']),
  };
}

function listOf(value: unknown, key: string): Record<string, unknown>[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function labelsOf(value: unknown): Labels {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
