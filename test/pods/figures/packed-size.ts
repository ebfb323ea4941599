import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';

/** What an image weighs on its way from a registry: its layers, packed, and its two documents. */
export async function packedSize(image: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-packed-'));
  try {
    await run('podman', ['push', '--compress', image, `dir:${folder}`], { timeoutMs: 120_000 });
    const files = (await readdir(folder)).map((name) => stat(join(folder, name)));
    return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
}
