import { type FSWatcher, statSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WatchOptions {
  readonly file: string;
  /** The text in force; only another text is a change. */
  readonly text: string;
  /** How often to look for changes that the kernel did not report, in milliseconds. */
  readonly pollMs?: number;
  onChange(text: string): void;
  onError(error: unknown): void;
}

export interface FileWatch {
  /** Looks now, and reports the text even if it is the same. */
  look(): Promise<void>;
  close(): void;
}

/**
 * Follows the text of one file through edits, replacements and the `..data` symlink swap by which
 * the kubelet updates a ConfigMap volume. The directory is watched, for a watch on the file would
 * stay with the old inode; polling covers file systems that report nothing.
 */
export function watchFile({
  file,
  text,
  pollMs = 5000,
  onChange,
  onError,
}: WatchOptions): FileWatch {
  let known = text;
  let stamp: string | undefined;
  let pending: NodeJS.Timeout | undefined;

  const read = async (force: boolean) => {
    try {
      const now = await readFile(file, 'utf8');
      if (!force && now === known) return;
      known = now;
      onChange(now);
    } catch (error) {
      onError(error);
    }
  };
  const lookIfStamped = () => {
    const now = stampOf(file);
    if (now === stamp || now === undefined) return; // between unlink and create there is nothing
    stamp = now;
    void read(false);
  };
  const soon = () => {
    clearTimeout(pending);
    // Editors and the kubelet do several steps; one look after the last of them is enough.
    pending = setTimeout(lookIfStamped, 50).unref();
  };
  const watcher = watchDirectory(dirname(file), soon);
  soon(); // the file may have changed between the reading of `text` and the watch
  const poll = setInterval(lookIfStamped, pollMs).unref();
  return {
    look: () => read(true),
    close() {
      clearTimeout(pending);
      clearInterval(poll);
      watcher?.close();
    },
  };
}

function watchDirectory(directory: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close()); // out of inotify watches: polling goes on
    return watcher;
  } catch {
    return undefined; // the same, already at the start
  }
}

function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats && `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
