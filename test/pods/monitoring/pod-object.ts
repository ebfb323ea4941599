import type { KubernetesObject } from './kubernetes-api.ts';

export interface PodFacts {
  readonly namespace?: string;
  readonly name: string;
  readonly ip: string;
  readonly phase?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containers?: readonly ContainerFacts[];
  readonly initContainers?: readonly ContainerFacts[];
}

export interface ContainerFacts {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** A pod as the API server shows one that runs. */
export function podObject({
  namespace = 'default',
  name,
  ip,
  phase = 'Running',
  labels = {},
  annotations = {},
  containers = [],
  initContainers = [],
}: PodFacts): KubernetesObject {
  const status = ({ name: container }: ContainerFacts) => ({
    name: container,
    ready: true,
    started: true,
    restartCount: 0,
    image: 'test',
    imageID: 'test',
    containerID: `containerd://${name}-${container}`,
    state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  });
  return {
    metadata: { namespace, name, labels, annotations },
    spec: {
      nodeName: 'test-node',
      containers: containers.map((one) => ({ ...one, image: 'test' })),
      initContainers: initContainers.map((one) => ({
        ...one,
        image: 'test',
        restartPolicy: 'Always',
      })),
    },
    status: {
      phase,
      podIP: ip,
      podIPs: [{ ip }],
      hostIP: '127.0.0.1',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: containers.map(status),
      initContainerStatuses: initContainers.map(status),
    },
  };
}
