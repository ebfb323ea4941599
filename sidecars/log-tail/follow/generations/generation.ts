import { hash } from 'node:crypto';
import type { FollowedFile } from '../../record.ts';
import type { Found } from '../find/discover.ts';
import { emptyHead, type Head, traceBytes } from './identity.ts';

/** Where the bytes of a generation are. It changes when they are copied, as copytruncate does. */
export interface Place {
  /** Device and inode. */
  key: string;
  birth: string;
  path: string;
  /** Whether the bytes are compressed; offsets always count the bytes that were written. */
  readonly gzip: boolean;
}

/** What happened to a generation, for `/files`. */
export interface Turn {
  readonly at: string;
  readonly what: string;
}

/**
 * One stream of bytes that an app wrote under one name: from the creation or truncation of a file
 * until the next. It stays the same through renames and copies.
 */
export interface Generation {
  readonly file: FollowedFile & { path: string };
  /** The name it was written under. */
  readonly log: string;
  place: Place;
  /** How often this inode was truncated before, so that ids of its generations differ. */
  readonly epoch: number;
  /** Whether it has no more its log's name, but one of a rotated file. */
  rotated: boolean;
  /** Behind the last line that was handed on. */
  offset: number;
  /** Up to where it is known that no line ends, at `offset` or behind it. */
  searched: number;
  /** Everything before it has reached every required output. */
  acknowledged: number;
  /** The size and time at the last look. */
  size: number;
  mtimeMs: number;
  head: Head;
  /** The bytes before `offset`, by which a truncation shows that the size does not. */
  trace: Buffer;
  /** Whether there may be more to read. */
  dirty: boolean;
  /** Whether it seems to hold something else than before; the next scan finds out. */
  suspect: boolean;
  /** In how many scans in a row it held something else, and nothing was found that goes on. */
  doubts: number;
  /** When it grew last, and when everything of it was delivered the last time; monotonic. */
  grewAt: number;
  cleanAt: number;
  /** When its name vanished; undefined while it can be seen. */
  goneAt: number | undefined;
  readonly turns: Turn[];
}

/** A generation not yet read, at the beginning of a file. */
export function createGeneration(found: Found, epoch: number, now: number): Generation {
  const { path, input, log, rotated, key, birth, size, mtimeMs } = found;
  return {
    file: { id: identify(key, birth, epoch), path, input },
    log,
    place: { key, birth, path, gzip: isArchive(path) },
    epoch,
    rotated,
    offset: 0,
    searched: 0,
    acknowledged: 0,
    size,
    mtimeMs,
    head: emptyHead,
    trace: Buffer.alloc(0),
    dirty: true,
    suspect: false,
    doubts: 0,
    grewAt: now,
    cleanAt: now,
    goneAt: undefined,
    turns: [],
  };
}

/** The same for the same generation also when a crash came before the first checkpoint. */
function identify(key: string, birth: string, epoch: number): string {
  return hash('sha1', `${key} ${birth} ${epoch}`, 'base64url').slice(0, 16);
}

export function isArchive(path: string): boolean {
  return path.endsWith('.gz');
}

/** Moves on behind bytes that were handed on, of which `bytes` are the last. */
export function advance(generation: Generation, next: number, bytes: Buffer): void {
  generation.offset = next;
  generation.searched = next;
  const length = Math.min(traceBytes, bytes.length);
  if (generation.trace.length !== length) generation.trace = Buffer.allocUnsafeSlow(length);
  bytes.copy(generation.trace, 0, bytes.length - length);
}

/** Begins at an offset other than 0, with the bytes before it. */
export function placeAt(generation: Generation, offset: number, trace: Buffer): void {
  generation.offset = offset;
  generation.searched = offset;
  generation.acknowledged = offset;
  generation.trace = trace;
}

export function note(generation: Generation, what: string): void {
  generation.turns.push({ at: new Date().toISOString(), what });
  if (generation.turns.length > 8) generation.turns.shift();
}

/** Bytes in the file that were not handed on. */
export function unread({ size, offset }: Generation): number {
  return Math.max(0, size - offset);
}
