import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describeError } from '../../core/errors.ts';

/** The scrape configuration that is shipped for clusters. */
const shipped = new URL('../../../k8s/monitoring/prometheus/prometheus.yml', import.meta.url);

export interface Prometheus {
  /** Its web page. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus on the shipped configuration, if there is one on the PATH. The demo has no API
 * server to discover pods from, so a file says what one would have said of this pod: the annotations
 * and the rules that read them are the ones of a cluster.
 *
 * @param metricsPage the address of the pod's page
 * @returns undefined where there is no Prometheus, or it does not start
 */
export async function startPrometheus(
  folder: string,
  metricsPage: string,
): Promise<Prometheus | undefined> {
  if (spawnSync('prometheus', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const targets = join(folder, 'pods.json');
  const config = join(folder, 'prometheus.yml');
  await writeFile(targets, JSON.stringify([discovered(new URL(metricsPage))]));
  await writeFile(config, await configFor(targets));
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${listen}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'close').catch((error: unknown) => describeError(error));
  return {
    url: `http://${listen}`,
    async stop() {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(giveUp);
    },
  };
}

interface ScrapeJob {
  job_name: string;
  kubernetes_sd_configs?: unknown;
  file_sd_configs?: unknown;
}

async function configFor(targets: string): Promise<string> {
  const config: { scrape_configs: ScrapeJob[] } = parse(await readFile(shipped, 'utf8'));
  const jobs = config.scrape_configs
    .filter(({ job_name }) => job_name === 'kubernetes-pods')
    .map(({ kubernetes_sd_configs: _, ...job }) => {
      return { ...job, file_sd_configs: [{ files: [targets] }] };
    });
  // Not every 15 s, for who looks at a demo does not stay long.
  return stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs });
}

/** What discovery in a cluster would say of the pod. */
function discovered({ hostname, port, pathname }: URL) {
  const annotation = '__meta_kubernetes_pod_annotation_prometheus_io_';
  return {
    targets: [`${hostname}:${port}`],
    labels: {
      [`${annotation}scrape`]: 'true',
      [`${annotation}port`]: port,
      [`${annotation}path`]: pathname,
      __meta_kubernetes_namespace: 'demo',
      __meta_kubernetes_pod_name: 'shop-0',
      __meta_kubernetes_pod_ip: hostname,
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_label_app: 'shop',
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
