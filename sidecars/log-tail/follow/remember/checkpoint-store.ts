import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../core/logger.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

/** The checkpoint on disk. */
export interface CheckpointStore {
  /** The newest one that is whole, empty when all are damaged; undefined when there never was any. */
  load(): Promise<Checkpoint | undefined>;
  /** Makes it durable. Rejects when the disk does not let it; the older one is then still whole. */
  save(content: Omit<Checkpoint, 'sequence'>): Promise<void>;
}

const names = { current: 'checkpoint', next: 'checkpoint.next', previous: 'checkpoint.previous' };

/**
 * A crash at any point leaves a whole checkpoint: it is written beside, synced, and only then renamed
 * over the current one, which stays as the previous one.
 */
export function createCheckpointStore(directory: string, logger: Logger): CheckpointStore {
  const path = (name: keyof typeof names) => join(directory, names[name]);
  let sequence = 0;
  let isCurrentWhole = false; // only then may it take the place of the previous one
  return {
    async load() {
      const all = await Promise.all(
        [path('current'), path('next'), path('previous')].map((file) => read(file, logger)),
      );
      isCurrentWhole = all[0] !== undefined;
      const whole = all.filter((one) => one !== undefined);
      const newest = whole.sort((a, b) => b.sequence - a.sequence)[0];
      sequence = newest?.sequence ?? 0;
      // All damaged is not the same as none: everything is read again then, and nothing skipped.
      const damaged = { sequence, entries: [], past: [] };
      return newest ?? (existsSync(path('current')) ? damaged : undefined);
    },
    async save(content) {
      sequence += 1;
      await mkdir(directory, { recursive: true });
      await writeSynced(path('next'), encodeCheckpoint({ sequence, ...content }));
      if (isCurrentWhole) await rename(path('current'), path('previous')).catch(ignoreAbsence);
      await rename(path('next'), path('current'));
      isCurrentWhole = true;
      await syncDirectory(directory);
    },
  };
}

async function read(file: string, logger: Logger): Promise<Checkpoint | undefined> {
  try {
    const checkpoint = decodeCheckpoint(await readFile(file, 'utf8'));
    if (checkpoint === undefined) logger.warn({ file }, 'a checkpoint is damaged and not used');
    return checkpoint;
  } catch (error) {
    if (!isAbsence(error)) logger.error({ err: error, file }, 'a checkpoint cannot be read');
    return undefined;
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'w', 0o600);
  await handle.writeFile(text);
  await handle.sync();
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}

function ignoreAbsence(error: unknown): void {
  if (!isAbsence(error)) throw error;
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
