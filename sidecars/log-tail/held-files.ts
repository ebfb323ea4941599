import type { FollowedFile } from './record.ts';

/** A file of which not all that was read has been given out: a record waits for further lines. */
export interface HeldFile {
  readonly file: FollowedFile;
  /** Up to where it was read. */
  readonly next: number;
}

export interface HeldFiles {
  /** A file was read up to `next`, and given out up to `given`. */
  note(file: FollowedFile, next: number, given: number): void;
  list(): readonly HeldFile[];
  close(): void;
}

/** How often records that wait for further lines are looked at; milliseconds. */
const lookEvery = 100;

/** @param look called now and then while anything is held; nothing wakes an idle container */
export function createHeldFiles(look: () => void): HeldFiles {
  const held = new Map<string, HeldFile>();
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    if (timer !== undefined || held.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      look();
      watch();
    }, lookEvery);
  };
  return {
    note(file, next, given) {
      if (given < next) held.set(file.id, { file, next });
      else if (held.size > 0) held.delete(file.id);
      watch();
    },
    list: () => [...held.values()],
    close: () => clearTimeout(timer),
  };
}
