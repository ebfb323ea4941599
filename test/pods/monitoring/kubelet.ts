import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { attempt, run } from '../run.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import { type Container, type Pod, prepareManifest, type Replacements } from './played-manifest.ts';
import { createPodLife, isSidecar, type PodLife } from './pod-life.ts';
import { type PodPhase, podObject } from './pod-object.ts';
import { type ContainerState, openContainer, type PodmanContainer } from './podman-container.ts';
import { awaitStarted, awaitWell } from './probe.ts';
import { type Readiness, watchReadiness } from './readiness.ts';

/** A pod that runs, in podman's hands, and that the API server double tells of. */
export interface RunningPod {
  readonly name: string;
  readonly ip: string;
  logs(container: string): Promise<string>;
  /** Kills the main process of a container as the kernel would: nobody is asked first. */
  crash(container: string): Promise<void>;
  state(container: string): Promise<ContainerState>;
  restarts(container: string): number;
  /** SIGTERM, and SIGKILL when the pod's grace period is over; it is not started again. */
  stop(container: string): Promise<void>;
  /** Starts a container again that was stopped. */
  start(container: string): Promise<void>;
  /** Settles when the pod has ended by itself, as a Job's does. */
  completed(): Promise<PodPhase>;
  /**
   * Ends the pod as a deleted one: the app, then its sidecars in reverse order.
   * @returns the exit code of each container
   */
  terminate(): Promise<Readonly<Record<string, number | undefined>>>;
  /** Where an emptyDir is on this machine. */
  volume(name: string): string;
  /** Ends the pod: first for the API server, then for real. */
  remove(): Promise<void>;
}

export interface KubeletOptions {
  readonly api: KubernetesApi;
  readonly namespace?: string;
  readonly replacements?: Replacements;
  /** Whether readiness is to be waited for. */
  readonly awaitReady?: boolean;
}

/**
 * Runs the pod of a manifest, as a kubelet does: starts its containers in order, asks their probes,
 * starts again what ends too early, and reports all of it.
 */
export async function runPod(manifest: string, options: KubeletOptions): Promise<RunningPod> {
  const { awaitReady = true } = options;
  const made = await makePod(manifest, options);
  const { pod, life, open, report } = made;
  const { name } = pod.metadata;
  const { containers, initContainers = [], terminationGracePeriodSeconds = 30 } = pod.spec;
  const lasting = [...initContainers.filter(isSidecar), ...containers];
  let readiness: Readiness | undefined;
  const remove = async () => {
    await readiness?.stop();
    await made.remove();
  };
  const orSayWhy = async (container: Container, waiting: Promise<void>) =>
    waiting.catch(async (cause: unknown) => {
      const said = await open(container.name).logs();
      throw new Error(`${container.name} is not well:\n${said}`, { cause });
    });
  try {
    await life.start(async (sidecar) =>
      orSayWhy(sidecar, awaitStarted(sidecar, await addressOf(name))),
    );
    const ip = await addressOf(name);
    report('Running', ip);
    if (awaitReady) {
      for (const one of lasting) await orSayWhy(one, awaitStarted(one, ip));
      for (const one of lasting) await orSayWhy(one, awaitWell(one, ip));
    }
    readiness = watchReadiness({
      ...{ containers: lasting, ip },
      running: (container) => life.container(container).running(),
      report: (ready) => report('Running', ip, ready),
    });
    return {
      ...{ name, ip, remove },
      async terminate() {
        await life.terminate();
        const codes = lasting.map(async (one) => [
          one.name,
          (await open(one.name).state()).exitCode,
        ]);
        return Object.fromEntries(await Promise.all(codes));
      },
      volume: (volume) => join(made.folder, volume),
      logs: (container) => open(container).logs(),
      crash: (container) => open(container).kill(),
      state: (container) => open(container).state(),
      restarts: (container) => life.container(container).restarts(),
      start: (container) => life.container(container).start(),
      stop: (container) => life.container(container).hold(terminationGracePeriodSeconds),
      async completed() {
        const phase = await life.completed();
        await readiness?.stop();
        report(phase, ip);
        return phase;
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A pod whose containers podman has made, and that the API server double has as pending. */
interface MadePod {
  readonly pod: Pod;
  readonly life: PodLife;
  readonly folder: string;
  open(container: string): PodmanContainer;
  report(phase: PodPhase, ip?: string, ready?: ReadonlySet<string>): void;
  remove(): Promise<void>;
}

async function makePod(
  manifest: string,
  { api, namespace = 'default', replacements }: KubeletOptions,
): Promise<MadePod> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-pod-'));
  const { pod, documents, folders } = prepareManifest(manifest, {
    ...{ namespace, folder, replacements },
  });
  const { name, labels = {}, annotations = {} } = pod.metadata;
  const { containers, initContainers = [] } = pod.spec;
  for (const one of folders) {
    await mkdir(one);
    await chmod(one, 0o777);
  }
  const file = join(folder, 'pod.yaml');
  await writeFile(file, documents.map((one) => stringify(one)).join('---\n'));
  const open = (container: string) => openContainer(`${name}-${container}`);
  const life = createPodLife(pod, open);
  const report = (phase: PodPhase, ip = '', ready: ReadonlySet<string> = new Set()) => {
    const facts = { namespace, name, ip, phase, ready, labels, annotations };
    api.apply('pods', podObject({ ...facts, containers, initContainers }));
  };
  const remove = async () => {
    api.remove('pods', namespace, name);
    try {
      await life.terminate();
    } finally {
      const volumes = await volumesOf(
        [...initContainers, ...containers].map((one) => open(one.name)),
      );
      await attempt('podman', ['kube', 'down', file], { timeoutMs: 120_000 });
      if (volumes.length > 0) await attempt('podman', ['volume', 'rm', '--force', ...volumes]);
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    await run('podman', ['kube', 'play', '--start=false', file], { timeoutMs: 120_000 });
  } catch (error) {
    await remove();
    throw error;
  }
  report('Pending');
  return { pod, life, folder, open, report, remove };
}

async function volumesOf(containers: readonly PodmanContainer[]): Promise<readonly string[]> {
  const each = await Promise.all(containers.map((one) => one.volumes()));
  return [...new Set(each.flat())];
}

async function addressOf(pod: string): Promise<string> {
  const infra = await run('podman', ['pod', 'inspect', pod, '--format', '{{.InfraContainerID}}']);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const [ip] = (await run('podman', ['inspect', infra, '--format', format])).trim().split(' ');
  if (!ip) throw new Error(`${pod} has no address`);
  return ip;
}
