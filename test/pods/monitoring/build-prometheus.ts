import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages, openCache } from '../machine.ts';
import { run } from '../run.ts';

const source = join(import.meta.dirname, 'prometheus-build');
const version = '3.16.0';

export interface PrometheusProgram {
  readonly path: string;
  /** Whether it was built with the Kubernetes discovery. */
  readonly findsPods: boolean;
}

/**
 * The real Prometheus with its Kubernetes discovery. Debian's package is built without that
 * discovery (see its NEWS.Debian), so the program is built from the Go module of the release, once,
 * and kept. Where there is no Go, Debian's is taken, and told of the same pods by HTTP discovery.
 * `PROMETHEUS=/path/to/prometheus` takes another one, with the discovery.
 */
export async function findPrometheus(): Promise<PrometheusProgram> {
  const given = process.env['PROMETHEUS'];
  if (given !== undefined) return { path: given, findsPods: true };
  const path = join(await openCache(), `prometheus-${version}`);
  try {
    if (!existsSync(path)) await build(path);
    return { path, findsPods: true };
  } catch (error) {
    const [reason] = String(error).split('\n');
    console.error(
      `no Prometheus with Kubernetes discovery (${reason}); taking Debian's, by http_sd`,
    );
    await installPackages('prometheus');
    return { path: 'prometheus', findsPods: false };
  }
}

async function build(program: string): Promise<void> {
  await run(
    'go',
    [
      ...['build', '-C', source, '-mod=readonly', '-trimpath'],
      ...['-ldflags', `-s -w -X github.com/prometheus/common/version.Version=${version}`],
      ...['-tags', 'remove_all_sd,enable_kubernetes_sd,netgo'],
      ...['-o', `${program}.part`, 'github.com/prometheus/prometheus/cmd/prometheus'],
    ],
    { timeoutMs: 900_000 },
  );
  await rename(`${program}.part`, program);
}
