/**
 * Writes the values files beside it from the scrape configuration and the rules of the kustomize
 * stack, so that there is one source of both:
 *
 *   node k8s/helm/write.ts
 *
 * The tests fail when this was forgotten.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const folder = join(import.meta.dirname, '../monitoring/prometheus');
const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'));

/** The jobs of prometheus.yml with these names, as they stand there. */
function scrapeJobs(...names: readonly string[]): unknown[] {
  const config = read('prometheus.yml');
  const jobs =
    typeof config === 'object' && config !== null && 'scrape_configs' in config
      ? config.scrape_configs
      : [];
  if (!Array.isArray(jobs)) return [];
  const found = names.map((name) => jobs.find((job) => job?.job_name === name));
  if (found.includes(undefined)) throw new Error(`prometheus.yml has not all of ${names}`);
  return found;
}

const token = {
  volume: {
    name: 'podmates-token',
    projected: {
      sources: [
        {
          serviceAccountToken: {
            audience: 'podmates-metrics',
            expirationSeconds: 3600,
            path: 'token',
          },
        },
      ],
    },
  },
  mount: { name: 'podmates-token', mountPath: '/var/run/secrets/podmates', readOnly: true },
};

const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** For the chart prometheus-community/prometheus, whose own jobs find annotated pods already. */
function prometheusValues(): string {
  const extra = scrapeJobs('kubernetes-pods-token', 'kubernetes-pods-metrics-ports');
  return write('helm upgrade --install prometheus prometheus-community/prometheus', {
    server: {
      global: { scrape_interval: '15s', evaluation_interval: '15s' },
      service: { type: 'LoadBalancer', loadBalancerSourceRanges: privateNetworks },
      persistentVolume: { enabled: true, size: '20Gi' },
      extraVolumes: [token.volume],
      extraVolumeMounts: [token.mount],
    },
    serverFiles: { 'alerting_rules.yml': read('rules/podmates.yaml') },
    extraScrapeConfigs: yaml(extra),
    'prometheus-node-exporter': {
      extraArgs: ['--collector.textfile.directory=/host/textfile'],
      extraHostVolumeMounts: [
        {
          name: 'textfile',
          hostPath: '/var/lib/node_exporter/textfile_collector',
          mountPath: '/host/textfile',
          type: 'DirectoryOrCreate',
          readOnly: true,
        },
      ],
    },
  });
}

/**
 * For the chart prometheus-community/kube-prometheus-stack, whose operator knows no annotations:
 * annotated pods come by the same jobs as elsewhere, all others by PodMonitors.
 */
function stackValues(): string {
  const unannotated = {
    sourceLabels: [
      '__meta_kubernetes_pod_annotation_prometheus_io_scrape',
      '__meta_kubernetes_pod_annotation_prometheus_io_scrape_slow',
      '__meta_kubernetes_pod_annotation_podmates_dev_scrape_token',
    ],
    action: 'keep',
    regex: ';;',
  };
  const ports = ['adapter-metrics', 'logtail-metrics', 'amb-metrics'];
  return write('helm upgrade --install monitoring prometheus-community/kube-prometheus-stack', {
    additionalPrometheusRulesMap: { podmates: read('rules/podmates.yaml') },
    prometheus: {
      service: { type: 'LoadBalancer', loadBalancerSourceRanges: privateNetworks },
      prometheusSpec: {
        storageSpec: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
          },
        },
        volumes: [token.volume],
        volumeMounts: [token.mount],
        additionalScrapeConfigs: scrapeJobs(
          'kubernetes-pods',
          'kubernetes-pods-slow',
          'kubernetes-pods-token',
        ),
      },
      additionalPodMonitors: [
        {
          name: 'podmates',
          namespaceSelector: { any: true },
          selector: {},
          podMetricsEndpoints: ports.map((port) => ({
            port,
            honorLabels: true,
            relabelings: [unannotated],
          })),
        },
      ],
    },
  });
}

function write(command: string, values: unknown): string {
  return `# Made by k8s/helm/write.ts. Use:\n#   ${command} -f FILE\n${yaml(values)}`;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

export const valuesFiles: Readonly<Record<string, () => string>> = {
  'prometheus.yaml': prometheusValues,
  'kube-prometheus-stack.yaml': stackValues,
};

if (import.meta.main) {
  for (const [name, make] of Object.entries(valuesFiles)) {
    writeFileSync(join(import.meta.dirname, name), make());
  }
}
