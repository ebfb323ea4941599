import type { KindName } from '../kinds.ts';

/** A part of a manifest, as plain values. */
export type Json = string | number | boolean | null | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

export interface ContainerOptions {
  /** The image of a container, with `{}` where its name belongs. */
  readonly image: string;
  /** As an init container that keeps running, instead of one beside the app. */
  readonly native: boolean;
  /** Ports of the servers; no admin port, no probes. */
  readonly ports: Ports;
  readonly mounts: readonly JsonMap[];
}

export interface Ports {
  readonly admin: Readonly<Record<KindName, number | undefined>>;
  readonly ambassador: number;
}

interface Traits {
  /** At most 15 characters; the ending is what Prometheus looks for. */
  readonly metricsPort: string;
  readonly cpu: string;
}

const traits: Readonly<Record<KindName, Traits>> = {
  'log-tail': { metricsPort: 'logtail-metrics', cpu: '10m' },
  ambassador: { metricsPort: 'amb-metrics', cpu: '20m' },
  adapter: { metricsPort: 'adapter-metrics', cpu: '10m' },
};

/** One of the three containers as it stands in a pod. */
export function containerOf(name: KindName, options: ContainerOptions): JsonMap {
  const { native, image, ports, mounts } = options;
  const { metricsPort, cpu } = traits[name];
  const admin = ports.admin[name];
  return {
    name,
    image: image.replaceAll('{}', name),
    ...(native ? { restartPolicy: 'Always' } : {}),
    ...(name === 'log-tail' ? { env: podFields } : {}),
    ports: [
      ...(name === 'ambassador' ? [{ name, containerPort: ports.ambassador }] : []),
      ...(admin === undefined ? [] : [{ name: metricsPort, containerPort: admin }]),
    ],
    ...(admin === undefined ? {} : probes(metricsPort)),
    resources: { requests: { cpu, memory: '64Mi' }, limits: { memory: '192Mi' } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'podmates-config', mountPath: '/etc/podmates', readOnly: true },
      ...(name === 'log-tail' ? [{ name: 'podmates-state', mountPath: '/var/lib/podmates' }] : []),
      ...(name === 'ambassador'
        ? [{ name: 'podmates-secrets', mountPath: '/etc/podmates-secrets', readOnly: true }]
        : []),
      ...mounts,
    ],
  };
}

/** The volumes that the containers share with nobody else. */
export function volumesOf(names: readonly KindName[], configMap: string): JsonMap[] {
  return [
    { name: 'podmates-config', configMap: { name: configMap } },
    ...(names.includes('log-tail')
      ? [{ name: 'podmates-state', emptyDir: { sizeLimit: '64Mi' } }]
      : []),
    ...(names.includes('ambassador')
      ? [{ name: 'podmates-secrets', secret: { secretName: configMap, optional: true } }]
      : []),
  ];
}

const podFields: readonly JsonMap[] = [
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
];

/** Asked over HTTP by the kubelet, for the images have no shell. */
function probes(port: string): JsonMap {
  return {
    startupProbe: { httpGet: { path: '/livez', port }, periodSeconds: 1, failureThreshold: 30 },
    readinessProbe: { httpGet: { path: '/readyz', port } },
    livenessProbe: { httpGet: { path: '/livez', port } },
  };
}
