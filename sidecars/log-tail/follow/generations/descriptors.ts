import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type Generation, unread } from './generation.ts';

/** The open files, no more than a bound of them. */
export interface Descriptors {
  /**
   * The descriptor of a generation's file, opened if need be.
   * @returns undefined when the name leads elsewhere by now, or cannot be opened
   */
  open(generation: Generation): number | undefined;
  /** Whether it could not be opened, or read, the last time although it was there. */
  isUnreadable(generation: Generation): boolean;
  /** Reading it failed: it is closed, and opened anew the next time. */
  fail(generation: Generation, error: unknown): void;
  /** The descriptor if it is open already. */
  get(generation: Generation): number | undefined;
  /** Takes over a descriptor opened elsewhere, in place of the one that was there. */
  adopt(generation: Generation, fd: number): void;
  close(generation: Generation): void;
  /** Gives the descriptor away without closing it. */
  release(generation: Generation): number | undefined;
  closeAll(): void;
}

export interface DescriptorsOptions {
  readonly limit: number;
  /** Called for a file that is there and cannot be opened. */
  unreadable(generation: Generation, error: unknown): void;
}

/** How many descriptors to leave to others once the process has no more of them. */
const spare = 8;

export function createDescriptors({ limit, unreadable }: DescriptorsOptions): Descriptors {
  let allowed = limit;
  // A map keeps the order of insertion: the first is the one that was used the longest ago.
  const fds = new Map<Generation, number>();
  const failed = new Set<Generation>();
  const close = (generation: Generation) => {
    failed.delete(generation);
    const fd = fds.get(generation);
    if (fd === undefined) return;
    fds.delete(generation);
    closeSync(fd);
  };
  /** @returns whether there was one that may be closed */
  const closeOne = (): boolean => {
    // What has lost its name could not be opened again; what has unread bytes may lose it.
    const named = [...fds.keys()].filter(({ goneAt }) => goneAt === undefined);
    const idle = named.find((generation) => unread(generation) === 0) ?? named[0];
    if (idle !== undefined) close(idle);
    return idle !== undefined;
  };
  const makeRoom = () => {
    if (fds.size >= allowed) closeOne();
  };
  /** The process may open fewer than was thought. @returns whether it may now open another one */
  const giveBack = (): boolean => {
    const before = fds.size;
    allowed = Math.max(1, before - spare);
    while (fds.size >= allowed && closeOne());
    return fds.size < before;
  };
  const openNow = (generation: Generation): number | undefined => {
    makeRoom();
    failed.delete(generation);
    try {
      const fd = openFile(generation.place.path);
      if (keyOf(fd) === generation.place.key) {
        fds.set(generation, fd);
        return fd;
      }
      closeSync(fd);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      if (hasCode(error, 'EMFILE', 'ENFILE') && giveBack()) return openNow(generation);
      failed.add(generation);
      unreadable(generation, error);
    }
    return undefined;
  };
  return {
    open(generation) {
      const fd = fds.get(generation);
      if (fd === undefined) return openNow(generation);
      fds.delete(generation);
      fds.set(generation, fd);
      return fd;
    },
    isUnreadable: (generation) => failed.size > 0 && failed.has(generation),
    fail(generation, error) {
      close(generation);
      failed.add(generation);
      unreadable(generation, error);
    },
    get: (generation) => fds.get(generation),
    adopt(generation, fd) {
      close(generation);
      makeRoom();
      fds.set(generation, fd);
    },
    close,
    release(generation) {
      const fd = fds.get(generation);
      fds.delete(generation);
      return fd;
    },
    closeAll: () => [...fds.keys()].forEach(close),
  };
}

/** Never waits, as opening a named pipe would that took a file's place. */
export function openFile(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

export function keyOf(fd: number): string {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return `${dev}:${ino}`;
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
