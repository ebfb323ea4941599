import type { Container, Pod } from './played-manifest.ts';
import type { PodmanContainer } from './podman-container.ts';
import {
  type RestartPolicy,
  type SupervisedContainer,
  superviseContainer,
} from './supervised-container.ts';

export interface PodLife {
  /** Starts the init containers one after the other, then those of the app. */
  start(awaitStarted: (sidecar: Container) => Promise<void>): Promise<void>;
  /** Ends the app's containers, then the sidecars in reverse order, within the grace period. */
  terminate(): Promise<void>;
  /** How the pod ended: when the app's containers are over for good, and the sidecars after them. */
  completed(): Promise<'Succeeded' | 'Failed'>;
  container(name: string): SupervisedContainer;
}

/** A native sidecar: an init container that goes on beside the app. */
export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/**
 * The kubelet's rules for the containers of a pod.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#termination-with-sidecars
 */
export function createPodLife(
  { spec }: Pod,
  open: (name: string) => Pick<PodmanContainer, 'start' | 'stop' | 'ended'>,
): PodLife {
  const { initContainers = [], containers, restartPolicy = 'Always' } = spec;
  const supervised = new Map(
    [...initContainers, ...containers].map((one) => {
      const policy = initContainers.includes(one) ? initPolicy(one, restartPolicy) : restartPolicy;
      return [one.name, superviseContainer(open(one.name), policy)];
    }),
  );
  const container = (name: string): SupervisedContainer => {
    const found = supervised.get(name);
    if (found === undefined) throw new Error(`the pod has no container ${name}`);
    return found;
  };
  const over = () => Promise.all(containers.map(({ name }) => container(name).over()));
  const terminate = async () => {
    const end = performance.now() + (spec.terminationGracePeriodSeconds ?? 30) * 1000;
    const hold = ({ name }: Container) => container(name).hold((end - performance.now()) / 1000);
    await Promise.all(containers.map(hold));
    for (const sidecar of initContainers.toReversed()) await hold(sidecar);
  };
  return {
    container,
    terminate,
    async start(awaitStarted) {
      for (const one of initContainers) {
        await container(one.name).start();
        if (isSidecar(one)) await awaitStarted(one);
        else await mustSucceed(one.name, container(one.name));
      }
      await Promise.all(containers.map(({ name }) => container(name).start()));
    },
    async completed() {
      const codes = await over();
      await terminate();
      return codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
    },
  };
}

/** An init container that is no sidecar is tried again until it succeeds, unless nothing is. */
function initPolicy(container: Container, ofPod: RestartPolicy): RestartPolicy {
  if (isSidecar(container)) return 'Always';
  return ofPod === 'Always' ? 'OnFailure' : ofPod;
}

async function mustSucceed(name: string, container: SupervisedContainer): Promise<void> {
  const code = await container.over();
  if (code !== 0) throw new Error(`init container ${name} ended with ${code}`);
}
