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
export function readShippedConfig(
  { apiServer, alertmanager, tokenFile, rules = join(folder, 'rules') }: TestPlaces,
  findsPods: boolean,
): string {
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
      scrape_configs: jobs.filter(isRecord).map(({ kubernetes_sd_configs: found, ...job }) => ({
        ...job,
        ...(job['authorization'] === undefined
          ? {}
          : { authorization: { credentials_file: tokenFile ?? '/nonexistent' } }),
        ...(findsPods
          ? {
              kubernetes_sd_configs: rolesOf(found).map((role) => ({
                role,
                api_server: apiServer,
              })),
            }
          : {
              http_sd_configs: rolesOf(found).map((role) => ({
                url: `${apiServer}/http_sd/${role}`,
                refresh_interval: '1s',
              })),
            }),
      })),
    },
    { aliasDuplicateObjects: false },
  );
}

function rolesOf(discoveries: unknown): string[] {
  const found = Array.isArray(discoveries) ? discoveries.filter(isRecord) : [];
  if (found.length === 0) throw new Error('a scrape job without kubernetes_sd_configs');
  return found.map(({ role }) => String(role));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
