import type { KubernetesObject } from './kubernetes-api.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodFacts {
  readonly namespace?: string;
  readonly name: string;
  readonly ip: string;
  readonly phase?: PodPhase;
  /** Names of the containers that are ready; all of them, if nothing is said. */
  readonly ready?: ReadonlySet<string>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containers?: readonly ContainerFacts[];
  readonly initContainers?: readonly ContainerFacts[];
}

export interface ContainerFacts {
  readonly name: string;
  readonly restartPolicy?: 'Always';
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** A pod as the API server shows one that runs. */
export function podObject({
  namespace = 'default',
  name,
  ip,
  phase = 'Running',
  ready,
  labels = {},
  annotations = {},
  containers = [],
  initContainers = [],
}: PodFacts): KubernetesObject {
  const isReady = (container: string) => ready?.has(container) ?? true;
  const status = ({ name: container }: ContainerFacts) => ({
    name: container,
    ready: isReady(container),
    started: true,
    restartCount: 0,
    image: 'test',
    imageID: 'test',
    containerID: `containerd://${name}-${container}`,
    state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  });
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const allReady = [...containers, ...sidecars].every((one) => isReady(one.name));
  return {
    metadata: { namespace, name, labels, annotations },
    spec: {
      nodeName: 'test-node',
      containers: containers.map((one) => ({ ...one, image: 'test' })),
      initContainers: initContainers.map((one) => ({ ...one, image: 'test' })),
    },
    status: {
      phase,
      podIP: ip,
      podIPs: ip === '' ? [] : [{ ip }],
      hostIP: '127.0.0.1',
      conditions: [{ type: 'Ready', status: allReady ? 'True' : 'False' }],
      containerStatuses: containers.map(status),
      initContainerStatuses: initContainers.map(status),
    },
  };
}
