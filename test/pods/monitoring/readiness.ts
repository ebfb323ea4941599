import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from './played-manifest.ts';
import { probeUrl, succeeds } from './probe.ts';

export interface ReadinessOptions {
  /** Those of the app, and sidecars: their readiness counts for the pod's as well. */
  readonly containers: readonly Container[];
  readonly ip: string;
  running(container: string): boolean;
  /** Called with the names of those that are ready, when they are others than before. */
  report(ready: ReadonlySet<string>): void;
}

export interface Readiness {
  stop(): Promise<void>;
}

/** Asks readiness probes as long as the pod lives; a container without one is ready when it runs. */
export function watchReadiness({ containers, ip, running, report }: ReadinessOptions): Readiness {
  const ended = new AbortController();
  const isReady = async (container: Container): Promise<boolean> => {
    if (!running(container.name)) return false;
    const url = probeUrl(container.readinessProbe, container, ip);
    return url === undefined || (await succeeds(url));
  };
  const watch = async () => {
    let known: string | undefined;
    while (!ended.signal.aborted) {
      const answers = await Promise.all(containers.map(isReady));
      const ready = containers.filter((_, index) => answers[index]).map(({ name }) => name);
      if (ended.signal.aborted) return;
      if (known !== ready.join()) report(new Set(ready));
      known = ready.join();
      await pause(500, undefined, { signal: ended.signal }).catch(() => {}); // ended early
    }
  };
  const watching = watch();
  return {
    async stop() {
      ended.abort();
      await watching;
    },
  };
}
