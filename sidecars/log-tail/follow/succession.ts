import { closeSync } from 'node:fs';
import type { Logger } from '../../core/logger.ts';
import type { FollowMetrics, RotationKind } from '../metrics.ts';
import type { Found } from './find/discover.ts';
import {
  continues,
  isCopyOf,
  isCovered,
  isThere,
  isUnchanged,
  openFound,
  sizeOf,
} from './generations/copies.ts';
import type { Descriptors } from './generations/descriptors.ts';
import {
  createGeneration,
  type Generation,
  isArchive,
  note,
  placeAt,
  unread,
} from './generations/generation.ts';
import { readHead, readTrace } from './generations/identity.ts';
import type { RecordLoss } from './read/losses.ts';
import type { Ledger, Log } from './remember/ledger.ts';

export interface SuccessionOptions {
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly metrics: FollowMetrics;
  readonly logger: Logger;
  readonly recordLoss: RecordLoss;
  /** A new scan is needed, as soon as may be. */
  demandScan(): void;
  /** A copy is being made of a file, which will soon be truncated. */
  expectTruncation(): void;
}

/** Files that a scan found and that are not followed yet; what is taken is removed. */
export type Candidates = Set<Found>;

/** Decides what becomes of a generation when its file holds something else, or is gone. */
export interface Succession {
  /** Whether a generation's file is what it was; if not, its rest is looked for in a copy. */
  verify(generation: Generation, candidates: Candidates): boolean;
  /** The inode has another file now: the rest is looked for among the candidates, or is lost. */
  replace(generation: Generation, candidates: Candidates): void;
  /** Whether a candidate goes on where this generation, which has lost its file, ended. */
  rescue(generation: Generation, candidates: Candidates): boolean;
  /**
   * Whether a candidate is a copy of something followed, to be left alone until that is truncated.
   * Unsure when it is not where it was found any more: the next scan will tell.
   */
  isHeld(candidate: Found, log: Log, candidates: Candidates): boolean | 'unsure';
}

export function createSuccession(options: SuccessionOptions): Succession {
  const { ledger, descriptors, recordLoss } = options;
  const noteRotation = createRotationNotes(options);
  const rescue = createRescue(options);
  const doubtedIn = new WeakMap<Generation, Candidates>();

  const replace = (generation: Generation, candidates: Candidates) => {
    descriptors.close(generation);
    if (rescue(generation, candidates)) {
      noteRotation(generation, 'copytruncate');
      return;
    }
    noteRotation(generation, 'truncate');
    recordLoss(generation, 'truncated');
    ledger.remove(generation);
  };
  const verify = (generation: Generation, candidates: Candidates): boolean => {
    if (generation.place.gzip) return true;
    const fd = descriptors.open(generation);
    if (fd === undefined || isUnchanged(generation, fd)) {
      generation.doubts = 0;
      if (fd !== undefined) generation.size = sizeOf(fd);
      return true;
    }
    if (mayBeTooEarly(generation, candidates)) return false;
    const { log, rotated, epoch, file } = generation;
    const place = { ...generation.place };
    replace(generation, candidates);
    const found = { ...place, log, rotated, input: file.input, size: 0, mtimeMs: 0 };
    ledger.add(createGeneration(found, epoch + 1, performance.now()));
    return false;
  };
  /** The copy may have been made after the directory was listed: the next scan would show it. */
  const mayBeTooEarly = (generation: Generation, candidates: Candidates): boolean => {
    const isOver = generation.doubts >= doubtsAllowed && doubtedIn.get(generation) !== candidates;
    if (isOver || [...candidates].some(isRestOf(generation))) return false;
    // Once in a scan, however many of its candidates lead here.
    if (doubtedIn.get(generation) !== candidates) generation.doubts += 1;
    doubtedIn.set(generation, candidates);
    generation.suspect = true;
    options.demandScan();
    return true;
  };
  const isCopy = (copy: number, generation: Generation, candidates: Candidates): boolean => {
    const original = generation.place.gzip ? undefined : descriptors.open(generation);
    if (original === undefined) return false;
    if (isCopyOf(copy, original)) {
      options.expectTruncation();
      return true;
    }
    // It may have been truncated since it was looked at; then the candidate may be its rest. If that
    // is settled and it is not, it is older than what the file holds now, and to be read first.
    return !verify(generation, candidates) && ledger.byId(generation.file.id) === generation;
  };
  return {
    verify,
    replace,
    rescue,
    isHeld(candidate, log, candidates) {
      const copy = openFound(candidate);
      if (copy === undefined) return isThere(candidate) ? false : 'unsure';
      try {
        if (sizeOf(copy) === 0) return true; // nothing to read, and nothing to tell it by
        return log.generations.some((generation) => isCopy(copy, generation, candidates));
      } finally {
        closeSync(copy);
      }
    },
  };
}

/** After so many scans without one, there is no copy. */
const doubtsAllowed = 2;

function isRestOf(generation: Generation) {
  return (candidate: Found): boolean => {
    const fd = mayContinue(candidate, generation) ? openFound(candidate) : undefined;
    if (fd === undefined) return false;
    try {
      return continues(fd, generation) || isCovered(fd, generation);
    } finally {
      closeSync(fd);
    }
  };
}

/** Looks among candidates for the rest of a generation that has lost its file. */
function createRescue(options: SuccessionOptions) {
  return (generation: Generation, candidates: Candidates): boolean => {
    for (const candidate of candidates) {
      const fd = mayContinue(candidate, generation) ? openFound(candidate) : undefined;
      if (fd === undefined) continue;
      if (continues(fd, generation)) {
        candidates.delete(candidate);
        takeOver(options, generation, candidate, fd);
        return true;
      }
      const covered = isCovered(fd, generation);
      closeSync(fd);
      if (!covered) continue;
      candidates.delete(candidate);
      cover(options.ledger, candidate);
      return false;
    }
    return false;
  };
}

/** A file that holds nothing new is remembered as read to its end. */
function cover(ledger: Ledger, candidate: Found): void {
  const fd = openFound(candidate);
  if (fd === undefined) return;
  const covered = createGeneration(candidate, 0, performance.now());
  covered.head = readHead(fd);
  placeAt(covered, sizeOf(fd), readTrace(fd, sizeOf(fd)));
  covered.dirty = false;
  ledger.add(covered);
  closeSync(fd);
}

function createRotationNotes({ metrics, logger }: SuccessionOptions) {
  return (generation: Generation, kind: RotationKind) => {
    const { input, path, id } = generation.file;
    metrics.rotations.inc({ input, kind });
    note(generation, kind);
    logger.info({ input, path, id, kind, unread: unread(generation) }, 'rotated');
  };
}

/** Of the same log; under the log's own name only if it is the same inode on a volume mounted anew. */
function mayContinue(candidate: Found, { log, place, head }: Generation): boolean {
  if (candidate.log !== log || isArchive(candidate.path) || head.length === 0) return false;
  const inode = (key: string) => key.slice(key.indexOf(':'));
  return (
    candidate.rotated ||
    (inode(candidate.key) === inode(place.key) && candidate.birth === place.birth)
  );
}

function takeOver(
  { ledger, descriptors }: SuccessionOptions,
  generation: Generation,
  { path, key, birth, rotated, size, mtimeMs }: Found,
  fd: number,
): void {
  ledger.move(generation, { key, birth, path, gzip: false });
  generation.file.path = path;
  generation.rotated = rotated;
  generation.size = Math.max(size, sizeOf(fd));
  generation.mtimeMs = mtimeMs;
  generation.goneAt = undefined;
  descriptors.adopt(generation, fd);
}
