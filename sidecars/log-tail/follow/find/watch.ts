import { type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** The kernel's hints that something in a directory has changed. */
export interface DirectoryWatch {
  /** Watches these directories, and no others any more. */
  set(directories: readonly string[]): void;
  /** Whether every one of them is watched. */
  complete(): boolean;
  /** Takes no hints for a while: what is polled often anyway need not be reported. */
  pause(): void;
  resume(): void;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

/**
 * Watches directories, for a watch on a file would stay with the old inode. When the kernel has no
 * more watches to give (ENOSPC, EMFILE) there are none: scans find what happened all the same.
 *
 * @param mayHold whether it matters that bytes were written at a path: beside the logs there may be
 *   files that others write to all the time
 */
export function createDirectoryWatch(
  onEvent: (path: string) => void,
  mayHold: (path: string) => boolean,
): DirectoryWatch {
  const watched = new Map<string, Watched>();
  let wanted: readonly string[] = [];
  let paused = false;

  const remove = (directory: string) => {
    watched.get(directory)?.watcher.close();
    watched.delete(directory);
  };
  const add = (directory: string, inode: number) => {
    try {
      const watcher = watch(directory, { persistent: false }, (event, name) => {
        const path = name === null ? directory : join(directory, name);
        if (event === 'rename' || mayHold(path)) onEvent(path);
      });
      watcher.on('error', () => remove(directory));
      watched.set(directory, { watcher, inode });
    } catch {
      // exhausted: said by complete()
    }
  };
  const refresh = () => {
    if (paused) return;
    for (const directory of watched.keys()) if (!wanted.includes(directory)) remove(directory);
    for (const directory of wanted) {
      const inode = statSync(directory, { throwIfNoEntry: false })?.ino;
      if (inode !== watched.get(directory)?.inode) remove(directory);
      if (inode !== undefined && !watched.has(directory)) add(directory, inode);
    }
  };
  return {
    set(directories) {
      wanted = directories;
      refresh();
    },
    complete: () => paused || wanted.every((directory) => watched.has(directory)),
    pause() {
      paused = true;
      for (const directory of [...watched.keys()]) remove(directory);
    },
    resume() {
      paused = false;
      refresh();
    },
    close() {
      wanted = [];
      refresh();
    },
  };
}
