import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../machine.ts';

/** What stands elsewhere in the test than in a cluster. */
export interface TestPlaces {
  readonly apiServer: string;
  readonly alertmanager?: string;
  /** File with the token of Prometheus' service account. */
  readonly tokenFile?: string;
  /** Folder with rule files; without it, those of `k8s/`. */
  readonly rules?: string;
}

const folder = join(projectRoot, 'k8s/monitoring/prometheus');

/**
 * The Prometheus configuration of `k8s/` as it is, but for the addresses of the servers around it
 * and the pace: relabelling, discovery and rules are those that a cluster gets.
 */
export function readShippedConfig({
  apiServer,
  alertmanager,
  tokenFile,
  rules = join(folder, 'rules'),
}: TestPlaces): string {
  const config: unknown = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8'));
  if (!isRecord(config)) throw new Error('prometheus.yml is not a map');
  const jobs: unknown[] = Array.isArray(config['scrape_configs']) ? config['scrape_configs'] : [];
  return stringify(
    {
      ...config,
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(rules, '*.yaml')],
      alerting: {
        alertmanagers: alertmanager ? [{ static_configs: [{ targets: [alertmanager] }] }] : [],
      },
      scrape_configs: jobs.filter(isRecord).map((job) => ({
        ...job,
        ...(job['authorization'] === undefined
          ? {}
          : { authorization: { credentials_file: tokenFile ?? '/nonexistent' } }),
        kubernetes_sd_configs: discoveries(job).map((one) => ({ ...one, api_server: apiServer })),
      })),
    },
    { aliasDuplicateObjects: false },
  );
}

function discoveries(job: Record<string, unknown>): Record<string, unknown>[] {
  const list = job['kubernetes_sd_configs'];
  const found = Array.isArray(list) ? list.filter(isRecord) : [];
  if (found.length === 0) throw new Error(`job ${String(job['job_name'])} discovers nothing`);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
