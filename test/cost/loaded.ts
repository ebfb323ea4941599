import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startContainer } from '../container-process.ts';

/**
 * Told to node before anything else: notes every file that it loads, whoever asks for it, and in the
 * end the modules of Node itself.
 */
const notesLoads = `
import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env.PODMATES_LOADED, url.slice(7) + '\\n');
    return next(url, context);
  },
});
process.once('exit', () => {
  for (const one of process.moduleLoadList) {
    appendFileSync(process.env.PODMATES_LOADED, one.replace(/^\\w+ /, 'node:') + '\\n');
  }
});`;

/** Starts a container and ends it. @returns the files that it had loaded, and as `node:NAME` what of Node */
export async function loadedAtStart(
  command: string,
  config: string,
  entry?: string,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-loaded-'));
  try {
    const hook = join(folder, 'notes-loads.mjs');
    const list = join(folder, 'loaded');
    await writeFile(hook, notesLoads);
    const env = { NODE_OPTIONS: `--import=${hook}`, PODMATES_LOADED: list };
    const container = await startContainer(command, config, { env, entry });
    await container.stop();
    const loaded = await readFile(list, 'utf8');
    return [...new Set(loaded.trim().split('\n'))];
  } finally {
    await rm(folder, { recursive: true });
  }
}
