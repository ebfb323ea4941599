import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openCache } from '../machine.ts';
import { attempt, run } from '../run.ts';

const source = join(import.meta.dirname, 'prometheus-build');
const version = '3.16.0';

/**
 * The real Prometheus with its Kubernetes discovery. Debian's package is built without that
 * discovery (see its NEWS.Debian), so the program is built from the Go module of the release, once,
 * and kept. `PROMETHEUS=/path/to/prometheus` takes another one.
 */
export async function findPrometheus(): Promise<string> {
  const given = process.env['PROMETHEUS'];
  if (given !== undefined) return given;
  const program = join(await openCache(), `prometheus-${version}`);
  if (existsSync(program)) return program;
  const { code } = await attempt('sh', ['-c', 'command -v go']).catch(() => ({ code: 1 }));
  if (code !== 0) {
    throw new Error(
      "needs a Prometheus with Kubernetes discovery, which Debian's package leaves out: " +
        'put Go 1.26 on the PATH to have it built, or name a program by PROMETHEUS=/path',
    );
  }
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
  return program;
}
