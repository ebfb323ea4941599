import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from './kubernetes-api.ts';
import type { RestartPolicy } from './supervised-container.ts';

/** What of a manifest podman is to run, and the pod in it as the API server shows it. */
export interface PlayedManifest {
  readonly documents: readonly unknown[];
  readonly pod: Pod;
  /** Folders in place of the pod's emptyDirs, to be made for all to write. */
  readonly folders: readonly string[];
}

export interface PlayOptions {
  readonly namespace: string;
  /** Where folders for emptyDirs may be made. */
  readonly folder: string;
  readonly replacements?: Replacements | undefined;
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly restartPolicy?: RestartPolicy;
    readonly terminationGracePeriodSeconds?: number;
    readonly [field: string]: unknown;
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: 'Always';
  readonly env?: readonly EnvironmentVariable[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

interface EnvironmentVariable {
  readonly name: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

export interface Probe {
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: { readonly path: string; readonly port: string | number };
}

/** A change to the text of a manifest for what cannot be in a test: addresses, keys. */
export type Replacements = readonly (readonly [from: string, to: string])[];

/**
 * Makes of a manifest what podman 4.3 can make containers of. It has no native sidecars, asks probes
 * inside the container by a curl that is not there, and knows no Secrets as volumes; so all become
 * plain containers, which our kubelet starts, probes and starts again, and Secrets become ConfigMaps.
 * Ports are left out: podman would open each on this machine too, where somebody may have it.
 * An emptyDir belongs to whoever starts first there, while the kubelet's is open to all: those become
 * folders.
 * @throws Error when a replacement is not needed: it would hide that the example has changed
 */
export function prepareManifest(
  text: string,
  { namespace, folder, replacements = [] }: PlayOptions,
): PlayedManifest {
  let changed = text;
  for (const [from, to] of replacements) {
    if (!changed.includes(from)) throw new Error(`the manifest has no "${from}"`);
    changed = changed.replaceAll(from, () => to);
  }
  const objects = [...parseAllDocuments(changed)].map((document) => document.toJS());
  const pod: Pod | undefined = objects.flatMap(podOf)[0];
  if (pod === undefined) throw new Error('the manifest has no pod');
  const documents = objects.flatMap((object) => {
    if (object.kind === 'ConfigMap') return [object];
    if (object.kind !== 'Secret') return [];
    return [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: object.metadata, data: object.stringData },
    ];
  });
  const volumes = Array.isArray(pod.spec['volumes']) ? pod.spec['volumes'] : [];
  const folders = volumes.filter((one) => 'emptyDir' in one).map((one) => join(folder, one.name));
  const playable = toPlayable(
    pod,
    namespace,
    volumes.map((one) => toPlayableVolume(one, folder)),
  );
  return { pod, folders, documents: [...documents, playable] };
}

function podOf(object: KubernetesObject & { kind?: unknown; spec?: unknown }): Pod[] {
  const json: Record<string, unknown> = JSON.parse(JSON.stringify(object));
  if (json['kind'] === 'Pod') return [json as unknown as Pod];
  if (json['kind'] !== 'Job') return [];
  const { spec, metadata } = json as unknown as {
    readonly metadata: Pod['metadata'];
    readonly spec: { readonly template: Pod };
  };
  const { metadata: own, spec: podSpec } = spec.template;
  return [{ metadata: { ...own, name: metadata.name }, spec: podSpec }];
}

function toPlayable({ metadata, spec }: Pod, namespace: string, volumes: unknown[]): unknown {
  const { initContainers = [], containers, serviceAccountName: _, ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      ...rest,
      restartPolicy: 'Never',
      containers: [...containers, ...initContainers].map((one) => playable(one, namespace)),
      volumes,
    },
  };
}

function playable(container: Container, namespace: string): unknown {
  const { startupProbe: _s, readinessProbe: _r, livenessProbe: _l, env = [], ...rest } = container;
  const { restartPolicy: _p, ports: _o, ...kept }: Record<string, unknown> = { ...rest };
  return {
    ...kept,
    image: container.image.startsWith('podmates/')
      ? `localhost/${container.image}`
      : container.image,
    env: env.map((variable) =>
      variable.valueFrom?.fieldRef?.fieldPath === 'metadata.namespace'
        ? { name: variable.name, value: namespace }
        : variable,
    ),
  };
}

function toPlayableVolume(volume: Record<string, unknown>, folder: string): unknown {
  const { secret, emptyDir, ...rest } = volume;
  if (emptyDir !== undefined) {
    return { ...rest, hostPath: { path: join(folder, String(volume['name'])), type: 'Directory' } };
  }
  if (typeof secret !== 'object' || secret === null || !('secretName' in secret)) return volume;
  return { ...rest, configMap: { name: secret.secretName } };
}
