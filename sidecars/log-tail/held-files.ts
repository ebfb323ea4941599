import type { FollowedFile } from './record.ts';

/** A file of which not all that was read has been given out: a record waits for further lines. */
export interface HeldFile {
  readonly file: FollowedFile;
  /** Up to where it was read. */
  readonly next: number;
}

export interface HeldFiles {
  note(file: FollowedFile, next: number, given: number): void;
  list(): readonly HeldFile[];
}

export function createHeldFiles(): HeldFiles {
  const held = new Map<string, HeldFile>();
  return {
    note(file, next, given) {
      if (given < next) held.set(file.id, { file, next });
      else if (held.size > 0) held.delete(file.id);
    },
    list: () => (held.size === 0 ? [] : [...held.values()]),
  };
}
