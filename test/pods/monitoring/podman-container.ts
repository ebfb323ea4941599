import { setTimeout as pause } from 'node:timers/promises';
import { attempt, run } from '../run.ts';

/** One container in podman's hands, which starts and ends it as it is told. */
export interface PodmanContainer {
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL when it still runs after `graceSeconds`. */
  stop(graceSeconds: number): Promise<void>;
  /** Kills the main process as the kernel would: nobody is asked first. */
  kill(): Promise<void>;
  /** Waits for its end. @returns its exit code */
  ended(): Promise<number>;
  state(): Promise<ContainerState>;
  logs(): Promise<string>;
  /** Volumes that podman has made for it. */
  volumes(): Promise<readonly string[]>;
}

export interface ContainerState {
  readonly running: boolean;
  /** The exit code, when the container has ended. */
  readonly exitCode: number | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

export function openContainer(name: string): PodmanContainer {
  const inspect = (format: string) => run('podman', ['inspect', '--format', format, name]);
  return {
    start: async () => void (await run('podman', ['start', name])),
    async stop(graceSeconds) {
      // Not by "podman stop": while it waits, podman takes the pod for ended and signals a second time.
      await attempt('podman', ['kill', '--signal', 'TERM', name]); // it may have ended by itself
      const over = run('podman', ['wait', name], { timeoutMs: 0 }).then(() => true);
      const late = pause(Math.max(0, graceSeconds) * 1000, false, { ref: false });
      if (!(await Promise.race([over, late]))) await attempt('podman', ['kill', name]);
      await over;
    },
    async kill() {
      process.kill(Number(await inspect('{{.State.Pid}}')), 'SIGKILL');
    },
    ended: async () => Number(await run('podman', ['wait', name], { timeoutMs: 0 })),
    async state() {
      const { Status, ExitCode, StartedAt, FinishedAt } = JSON.parse(
        await inspect('{{json .State}}'),
      );
      return {
        running: Status === 'running',
        exitCode: Status === 'exited' || Status === 'stopped' ? ExitCode : undefined,
        startedAt: new Date(StartedAt),
        finishedAt: new Date(FinishedAt),
      };
    },
    async logs() {
      const { stdout, stderr } = await attempt('podman', ['logs', name]);
      return stdout + stderr;
    },
    async volumes() {
      const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}';
      const found = await inspect(format).catch(() => '');
      return found.split(' ').filter(Boolean);
    },
  };
}
