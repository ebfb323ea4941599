import type { PodmanContainer } from './podman-container.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** A container that is started again when it ends, as its restart policy has it. */
export interface SupervisedContainer {
  /** Starts it, and again after `hold`. */
  start(): Promise<void>;
  /** Ends it and leaves it so, whatever its policy. */
  hold(graceSeconds: number): Promise<void>;
  restarts(): number;
  running(): boolean;
  /** Settles with the exit code of the last run, when no other follows. */
  over(): Promise<number>;
}

/**
 * The kubelet's rule for one container. Its pause between restarts is left out: it starts at 10 s and
 * grows, and the first restart comes at once there too.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
export function superviseContainer(
  container: Pick<PodmanContainer, 'start' | 'stop' | 'ended'>,
  policy: RestartPolicy,
): SupervisedContainer {
  let restarts = 0;
  let held = false;
  let running = false;
  let life: Promise<number> | undefined;
  const live = async (): Promise<number> => {
    for (;;) {
      const code = await container.ended();
      running = false;
      const again = policy === 'Always' || (policy === 'OnFailure' && code !== 0);
      if (held || !again) return code;
      restarts += 1;
      await container.start();
      running = true;
    }
  };
  return {
    async start() {
      held = false;
      await container.start();
      running = true;
      life = live();
      life.catch(() => {}); // whoever asks for its end is told
    },
    async hold(graceSeconds) {
      held = true;
      if (life === undefined) return;
      await container.stop(graceSeconds);
      await life;
    },
    restarts: () => restarts,
    running: () => running,
    over: () => life ?? Promise.reject(new Error('it was never started')),
  };
}
