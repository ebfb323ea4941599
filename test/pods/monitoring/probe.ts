import { awaitUntil } from '../../await-until.ts';
import type { Container, Probe } from './played-manifest.ts';

/** Where a probe asks; undefined for a container that has none. */
export function probeUrl(
  probe: Probe | undefined,
  container: Container,
  ip: string,
): string | undefined {
  if (probe === undefined) return undefined;
  if (probe.httpGet === undefined) throw new Error(`${container.name}: only HTTP probes are known`);
  const { path, port } = probe.httpGet;
  const number =
    typeof port === 'number'
      ? port
      : container.ports?.find(({ name }) => name === port)?.containerPort;
  if (number === undefined) throw new Error(`${container.name} has no port named ${port}`);
  return `http://${ip}:${number}${path}`;
}

export async function succeeds(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

/** Waits until a startup probe succeeds, no longer than its manifest lets it fail. */
export async function awaitStarted(container: Container, ip: string): Promise<void> {
  const { startupProbe } = container;
  const url = probeUrl(startupProbe, container, ip);
  if (startupProbe === undefined || url === undefined) return;
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = startupProbe;
  await awaitUntil(() => succeeds(url), {
    timeoutMs: (initialDelaySeconds + periodSeconds * failureThreshold) * 1000,
    what: `startup probe ${url} of ${container.name}`,
  });
}

/** Waits until every probe of a container that is up is well. */
export async function awaitWell(container: Container, ip: string): Promise<void> {
  for (const probe of [container.readinessProbe, container.livenessProbe]) {
    const url = probeUrl(probe, container, ip);
    if (url === undefined) continue;
    const what = `${url} of ${container.name}`;
    await awaitUntil(() => succeeds(url), { timeoutMs: 30_000, what });
  }
}
