import { isIPv6 } from 'node:net';
import type { Kind, KubernetesObject } from './kubernetes-api.ts';

/** What Prometheus' HTTP discovery is answered: https://prometheus.io/docs/prometheus/latest/http_sd/ */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

interface PodParts {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers?: readonly ContainerParts[];
    readonly initContainers?: readonly ContainerParts[];
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
  readonly status?: { readonly podIP: string; readonly phase: string };
}

interface ContainerParts {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/**
 * The targets that Prometheus' Kubernetes discovery makes of the objects, with the labels that its
 * documentation names. For a Prometheus that was built without that discovery, as Debian's is.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
 */
export function targetGroups(kind: Kind, objects: readonly KubernetesObject[]): TargetGroup[] {
  const parts: PodParts[] = JSON.parse(JSON.stringify(objects));
  return parts.flatMap(kind === 'pods' ? podTargets : serviceTargets);
}

function podTargets({ metadata, spec, status }: PodParts): TargetGroup[] {
  const { podIP = '', phase = '' } = status ?? {};
  if (podIP === '') return []; // a pod that is starting
  const common = {
    ...metaLabels('pod', metadata),
    __meta_kubernetes_pod_name: metadata.name,
    __meta_kubernetes_pod_ip: podIP,
    __meta_kubernetes_pod_phase: phase,
    __meta_kubernetes_pod_node_name: spec.nodeName ?? '',
  };
  const host = isIPv6(podIP) ? `[${podIP}]` : podIP;
  const targetsOf = (init: boolean) => (container: ContainerParts) => {
    const labels = {
      ...common,
      __meta_kubernetes_pod_container_name: container.name,
      __meta_kubernetes_pod_container_init: String(init),
    };
    if (!container.ports?.length) return [{ targets: [host], labels }];
    return container.ports.map(({ name = '', containerPort }) => ({
      targets: [`${host}:${containerPort}`],
      labels: {
        ...labels,
        __meta_kubernetes_pod_container_port_name: name,
        __meta_kubernetes_pod_container_port_number: String(containerPort),
      },
    }));
  };
  return [
    ...(spec.containers ?? []).flatMap(targetsOf(false)),
    ...(spec.initContainers ?? []).flatMap(targetsOf(true)),
  ];
}

function serviceTargets({ metadata, spec }: PodParts): TargetGroup[] {
  return (spec.ports ?? []).map(({ port }) => ({
    targets: [`${metadata.name}.${metadata.namespace}.svc:${port}`],
    labels: {
      ...metaLabels('service', metadata),
      __meta_kubernetes_service_name: metadata.name,
    },
  }));
}

function metaLabels(
  role: string,
  { namespace, labels = {}, annotations = {} }: PodParts['metadata'],
): Record<string, string> {
  const named = (what: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => [
      `__meta_kubernetes_${role}_${what}_${name.replace(/\W/g, '_')}`,
      value,
    ]);
  return {
    __meta_kubernetes_namespace: namespace,
    ...Object.fromEntries([...named('label', labels), ...named('annotation', annotations)]),
  };
}
