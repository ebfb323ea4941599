import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { imageOf, type Target } from '../images.ts';
import { run } from '../run.ts';
import { packedSize } from './packed-size.ts';

export interface ImageSize {
  readonly bytes: number;
  /** As a registry keeps it: each layer packed with gzip. */
  readonly packedBytes: number;
}

export interface Life {
  /** From the start of the process until every admin server says that it is ready. */
  readonly startMs: number;
  /** What is in memory, shared files included, and what of it nobody else can share. */
  readonly residentBytes: number;
  readonly ownBytes: number;
}

const adminPorts: Readonly<Record<Target, readonly number[]>> = {
  'log-tail': [7101],
  ambassador: [7102],
  adapter: [7103],
  podmates: [7101, 7102, 7103],
};

export async function sizeOf(target: Target): Promise<ImageSize> {
  const image = imageOf(target);
  const bytes = Number(await run('podman', ['inspect', '--format', '{{.Size}}', image]));
  return { bytes, packedBytes: await packedSize(image) };
}

/** Runs a container of the image once, as strictly as a pod of the examples, and ends it. */
export async function live(target: Target, folder: string, restMs: number): Promise<Life> {
  const name = `podmates-figures-${target}`;
  await run('podman', ['rm', '--force', '--ignore', '--time', '0', name]);
  await run('podman', [
    ...['create', '--name', name, '--read-only', '--cap-drop', 'all'],
    ...['--security-opt', 'no-new-privileges', '--memory', '192m'],
    ...['--volume', `${folder}:/etc/podmates:ro`, '--tmpfs', '/var/lib/podmates:mode=1777'],
    imageOf(target),
  ]);
  try {
    await run('podman', ['start', name]);
    const format =
      '{{.State.Pid}} {{json .State.StartedAt}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const inspected = await run('podman', ['inspect', '--format', format, name]);
    const [pid = '', startedAt = '', address = ''] = inspected.split(' ');
    const ready = await Promise.all(
      adminPorts[target].map((port) => awaitReady(`http://${address}:${port}/readyz`)),
    );
    const startMs = Math.max(...ready) - Date.parse(JSON.parse(startedAt));
    await pause(restMs);
    return { startMs, ...memoryOf(pid) };
  } finally {
    await run('podman', ['rm', '--force', '--time', '10', name]);
  }
}

/** @returns the time at which it was ready */
async function awaitReady(url: string): Promise<number> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    if (response?.ok) return Date.now();
    await pause(5);
  }
  throw new Error(`${url} was not ready in 30 s`);
}

/** From the kernel's list of what the process has in memory: proc_pid_status(5). */
function memoryOf(pid: string): Pick<Life, 'residentBytes' | 'ownBytes'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
    return Number(kibibytes) * 1024;
  };
  return { residentBytes: bytes('VmRSS'), ownBytes: bytes('RssAnon') };
}
