import { hash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** The config of the pod in `examples/`, which the demo runs on. */
export const exampleConfig = new URL('../../../examples/pod/podmates.yaml', import.meta.url);

/**
 * Writes the example's config into the demo's own folder. Only where the containers listen is set:
 * in a pod the ports are theirs alone, on this machine somebody may have them.
 */
export async function writeConfig(folder: string): Promise<string> {
  const config = parseDocument(await readFile(exampleConfig, 'utf8'));
  for (const section of ['logTail', 'ambassador', 'adapter']) {
    config.setIn([section, 'admin', 'listen'], '127.0.0.1:0');
  }
  // Nobody in front of the ambassador has to notice first that it goes.
  config.setIn(['ambassador', 'shutdown', 'delay'], '0s');
  const file = join(folder, 'podmates.yaml');
  await writeFile(file, String(config));
  return file;
}

/** @returns the key file, with `key` for the caller "alice" */
export async function writeKeys(folder: string, key: string): Promise<string> {
  const file = join(folder, 'api-keys');
  const entry = { name: 'alice', hash: `sha256:${hash('sha256', key, 'base64url')}` };
  await writeFile(file, JSON.stringify([entry]));
  return file;
}
