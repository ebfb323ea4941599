import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { awaitUntil } from '../../await-until.ts';
import { attempt, run } from '../run.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import {
  type Container,
  type Pod,
  type Probe,
  prepareManifest,
  type Replacements,
} from './played-manifest.ts';
import { podObject } from './pod-object.ts';

/** A pod that runs, in podman's hands, and that the API server double tells of. */
export interface RunningPod {
  readonly name: string;
  readonly ip: string;
  logs(container: string): Promise<string>;
  /** Kills the main process of a container as the kernel would: nobody is asked first. */
  crash(container: string): Promise<void>;
  /** The exit code, when the container has ended. */
  exitCode(container: string): Promise<number | undefined>;
  restarts(container: string): Promise<number>;
  /** SIGTERM, and SIGKILL when the pod's grace period is over, as the kubelet does. */
  stop(container: string): Promise<void>;
  /** Starts a container again that was stopped. */
  start(container: string): Promise<void>;
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

/** Runs the pod of a manifest, as a kubelet does: starts it, asks its probes, reports it. */
export async function runPod(
  manifest: string,
  { api, namespace = 'default', replacements, awaitReady = true }: KubeletOptions,
): Promise<RunningPod> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-pod-'));
  const prepared = prepareManifest(manifest, { namespace, folder, replacements });
  const { pod, documents, folders } = prepared;
  const { name, labels, annotations } = pod.metadata;
  for (const one of folders) {
    await mkdir(one);
    await chmod(one, 0o777);
  }
  const file = join(folder, 'pod.yaml');
  await writeFile(file, documents.map((one) => stringify(one)).join('---\n'));
  const containerName = (container: string) => `${name}-${container}`;
  const inspect = (container: string, format: string) =>
    run('podman', ['inspect', '--format', format, containerName(container)]);
  const remove = async () => {
    api.remove('pods', namespace, name);
    const volumes = await volumesOf(pod, inspect);
    await attempt('podman', ['kube', 'down', file], { timeoutMs: 120_000 });
    if (volumes.length > 0) await attempt('podman', ['volume', 'rm', '--force', ...volumes]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run('podman', ['kube', 'play', file], { timeoutMs: 120_000 });
    const ip = await addressOf(name);
    if (awaitReady) await askProbes(pod, ip, (one) => logsOf(containerName(one)));
    const { containers, initContainers = [] } = pod.spec;
    api.apply(
      'pods',
      podObject({
        ...{ namespace, name, ip, containers, initContainers },
        labels: labels ?? {},
        annotations: annotations ?? {},
      }),
    );
    return {
      name,
      ip,
      remove,
      volume: (volume) => join(folder, volume),
      async start(container) {
        await run('podman', ['start', containerName(container)]);
      },
      logs: (container) => logsOf(containerName(container)),
      async crash(container) {
        process.kill(Number(await inspect(container, '{{.State.Pid}}')), 'SIGKILL');
      },
      async exitCode(container) {
        const [status, code] = (
          await inspect(container, '{{.State.Status}} {{.State.ExitCode}}')
        ).split(' ');
        return status === 'exited' || status === 'stopped' ? Number(code) : undefined;
      },
      restarts: async (container) => Number(await inspect(container, '{{.RestartCount}}')),
      async stop(container) {
        const grace = String(pod.spec['terminationGracePeriodSeconds'] ?? 30);
        await run('podman', ['stop', '--time', grace, containerName(container)], {
          timeoutMs: 120_000,
        });
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function volumesOf(
  { spec }: Pod,
  inspect: (container: string, format: string) => Promise<string>,
): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const { name } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}';
    const found = await inspect(name, format).catch(() => '');
    for (const volume of found.split(' ')) if (volume !== '') names.add(volume);
  }
  return [...names];
}

async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await attempt('podman', ['logs', container]);
  return stdout + stderr;
}

async function addressOf(pod: string): Promise<string> {
  const infra = await run('podman', ['pod', 'inspect', pod, '--format', '{{.InfraContainerID}}']);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const [ip] = (await run('podman', ['inspect', infra, '--format', format])).trim().split(' ');
  if (!ip) throw new Error(`${pod} has no address`);
  return ip;
}

/** Asks every probe of the manifest over HTTP until it is well, and says what a container said if not. */
async function askProbes(
  { spec }: Pod,
  ip: string,
  logs: (container: string) => Promise<string>,
): Promise<void> {
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      const url = urlOf(probe, container, ip);
      if (url === undefined) continue;
      await awaitUntil(async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok, {
        timeoutMs: 30_000,
        what: `${url} of ${container.name}`,
      }).catch(async (cause: unknown) => {
        throw new Error(`${container.name} is not well:\n${await logs(container.name)}`, { cause });
      });
    }
  }
}

function urlOf(probe: Probe | undefined, container: Container, ip: string): string | undefined {
  if (probe?.httpGet === undefined) return undefined;
  const { path, port } = probe.httpGet;
  const number =
    typeof port === 'number'
      ? port
      : container.ports?.find(({ name }) => name === port)?.containerPort;
  if (number === undefined) throw new Error(`${container.name} has no port named ${port}`);
  return `http://${ip}:${number}${path}`;
}
