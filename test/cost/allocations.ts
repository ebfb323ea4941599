import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerProcess } from '../container-process.ts';

/** Told to node before anything else: says at each SIGUSR2 what has been allocated so far. */
const tellsAllocated = `
import { getHeapStatistics } from 'node:v8';
process.on('SIGUSR2', () => {
  process.stdout.write(getHeapStatistics().total_allocated_bytes + '\\n');
});`;

/** For `startContainer`: with it, a container can be asked by {@link allocatedBytes}. */
export async function tellingAllocated() {
  const hook = join(await mkdtemp(join(tmpdir(), 'podmates-allocated-')), 'tells.mjs');
  await writeFile(hook, tellsAllocated);
  return { stdout: 'pipe', env: { NODE_OPTIONS: `--import=${hook}` } } as const;
}

/** Bytes that a container has allocated on V8's heap since its start, collected or not. */
export async function allocatedBytes({ child }: ContainerProcess): Promise<number> {
  if (child.stdout === null) throw new Error('its standard output is no pipe');
  child.kill('SIGUSR2');
  const [text] = await once(child.stdout, 'data');
  return Number(text);
}
