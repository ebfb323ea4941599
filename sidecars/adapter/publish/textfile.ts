import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { Output } from './push.ts';
import type { TextfileOptions } from './push-schema.ts';

/**
 * Writes pages to a file, each in one step: node exporter reads the one before or this one, never
 * half of it.
 */
export function createTextfileOutput({ path, interval }: TextfileOptions): Output {
  // Not .prom, so that nobody reads it; in the same folder, for a rename does not leave a volume.
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  return {
    name: 'textfile',
    intervalMs: interval,
    place: path,
    async send(page, signal) {
      try {
        signal.throwIfAborted();
        const handle = await open(draft, 'w', 0o644);
        try {
          await handle.writeFile(page);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw new PodmatesError('ERR_IO', `cannot write ${path}: ${describeError(error)}`, {
          cause: error,
        });
      }
    },
    close: async () => {},
  };
}
