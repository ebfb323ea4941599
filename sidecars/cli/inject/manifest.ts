import { configMapLines } from './config-map.ts';
import { applyEdits, type Edit, linesEdit, removeMarked } from './marks.ts';
import { annotatedPort, editPod, type PodOptions } from './pod.ts';
import type { ShippedConfig } from './shipped-config.ts';
import { findWorkloads } from './workloads.ts';

export interface ManifestOptions extends PodOptions {
  /** Goes into a ConfigMap beside the workloads; without it, the ConfigMap is made elsewhere. */
  readonly config?: ShippedConfig;
}

export interface Injected {
  readonly text: string;
  /** How many workloads got the containers. */
  readonly workloads: number;
  /** What the user should know. */
  readonly hints: readonly string[];
}

/**
 * A manifest file with the containers in every pod of it. What an earlier run put in is taken out
 * first, so that running again changes nothing, and running with other options replaces it.
 */
export function injectManifest(text: string, file: string, options: ManifestOptions): Injected {
  const source = removeMarked(text);
  const workloads = findWorkloads(source, file);
  const edits: Edit[] = workloads.flatMap((workload) => editPod(source, file, workload, options));
  const { config, configMap } = options;
  if (config !== undefined) {
    const namespaces = new Set(workloads.map(({ namespace }) => namespace));
    for (const namespace of namespaces) {
      const lines = configMapLines(config.text, configMap, namespace);
      edits.push(linesEdit(source, source.length, 0, lines));
    }
  }
  const hints = workloads.flatMap(({ kind, name, pod }) => {
    const port = annotatedPort(pod);
    return port === undefined ? [] : [hintOf(`${file}: ${kind} ${name}`, port, options)];
  });
  return { text: applyEdits(source, edits), workloads: workloads.length, hints };
}

function hintOf(what: string, port: string, { containers }: PodOptions): string {
  return containers.includes('adapter')
    ? `${what}: its annotation named port ${port}; add that page to adapter.sources with "format: prometheus", or it is no longer scraped`
    : `${what}: its annotation names port ${port}, so the containers' own metrics are not scraped; inject the adapter too, and let it join the pages`;
}
