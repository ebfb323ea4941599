import { closeSync } from 'node:fs';
import type { Logger } from '../../core/logger.ts';
import type { FollowMetrics } from '../metrics.ts';
import type { Found } from './find/discover.ts';
import { openFound } from './generations/copies.ts';
import type { Descriptors } from './generations/descriptors.ts';
import {
  createGeneration,
  type Generation,
  isArchive,
  note,
  placeAt,
} from './generations/generation.ts';
import { readHead, readTrace } from './generations/identity.ts';
import type { Archives } from './read/archives.ts';
import { lastLineEnd } from './read/blocks.ts';
import type { LineEnds } from './read/line-ends.ts';
import type { Ledger } from './remember/ledger.ts';
import type { Candidates, Succession } from './succession.ts';

export interface SightingsOptions {
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly succession: Succession;
  readonly archives: Archives;
  readonly metrics: FollowMetrics;
  readonly logger: Logger;
  /** Where to begin in a file found by the very first scan, by the name of the input. */
  readonly startOf: (input: string) => 'beginning' | 'end';
  readonly lineEndsOf: (input: string) => LineEnds;
  /** A new scan is needed, as soon as may be. */
  demandScan(): void;
}

/** Brings what is followed in line with what a scan found. */
export interface Sightings {
  /** A whole scan: what is not in it has vanished. `first` for the first one without a checkpoint. */
  seeAll(found: readonly Found[], first: boolean): void;
  /** A new look at files that are followed. @returns false when one of them needs a whole scan */
  seeSome(found: readonly (Found | undefined)[]): boolean;
}

export function createSightings(options: SightingsOptions): Sightings {
  const { ledger, descriptors, succession } = options;
  const sight = createSight(options);
  const adopt = createAdoption(options);

  const checkShrunk = (candidates: Candidates) => {
    for (const generation of [...ledger.all()]) {
      const { dirty, place, size, offset, goneAt, suspect } = generation;
      generation.suspect = false;
      if (goneAt !== undefined || place.gzip) continue;
      // A descriptor that was closed does not show whether it is still the same file.
      const unsure =
        suspect || size < offset || (dirty && descriptors.get(generation) === undefined);
      if (unsure) succession.verify(generation, candidates);
    }
  };
  const checkVanished = (seen: ReadonlySet<string>, candidates: Candidates) => {
    for (const generation of [...ledger.all()]) {
      if (seen.has(generation.place.key)) continue;
      const rescuable = descriptors.get(generation) === undefined;
      if (rescuable && succession.rescue(generation, candidates)) continue;
      if (generation.goneAt !== undefined) continue;
      generation.goneAt = performance.now();
      ledger.touch(generation);
      note(generation, 'out of sight');
    }
  };
  return {
    seeSome(found) {
      for (const one of found) {
        const generation = one && ledger.at(one.key);
        if (one === undefined || generation === undefined || generation.place.birth !== one.birth) {
          return false;
        }
        if (generation.place.path !== one.path || one.size < generation.size) return false;
        sight(generation, one);
      }
      return true;
    },
    seeAll(found, first) {
      const candidates: Candidates = new Set();
      const seen = new Set<string>();
      for (const one of found) {
        const generation = ledger.at(one.key);
        if (generation === undefined) candidates.add(one);
        else if (sight(generation, one)) seen.add(one.key);
        else candidates.add(one);
      }
      checkShrunk(candidates);
      checkVanished(seen, candidates);
      const unsure = new Set<string>(); // logs of which something moved meanwhile
      for (const candidate of [...candidates]) {
        if (!candidates.has(candidate) || unsure.has(candidate.log)) continue;
        if (!adopt(candidate, candidates, first)) unsure.add(candidate.log);
      }
      if (unsure.size > 0) options.demandScan();
      ledger.sort(new Map(found.map(({ key }, rank) => [key, rank])));
    },
  };
}

/** @returns a function that takes note of a file seen again; false when it is another one */
function createSight({ ledger, descriptors, metrics, logger }: SightingsOptions) {
  return (generation: Generation, found: Found): boolean => {
    const { place, file } = generation;
    if (place.birth !== found.birth) return false; // the inode was used again
    if (place.path !== found.path) {
      if (found.rotated && !generation.rotated) {
        metrics.rotations.inc({ input: file.input, kind: 'rename' });
        note(generation, `renamed to ${found.path}`);
        generation.grewAt = performance.now(); // its writer may not know yet
        logger.info(
          { input: file.input, path: place.path, to: found.path, kind: 'rename' },
          'rotated',
        );
      }
      place.path = found.path;
      file.path = found.path;
    }
    generation.rotated = found.rotated;
    generation.goneAt = undefined;
    const { size, mtimeMs, acknowledged } = generation;
    if (acknowledged >= size) generation.cleanAt = performance.now();
    // What could not be read may be readable by now: neither size nor time would show that.
    const isDue = found.mtimeMs !== mtimeMs || found.size !== size;
    if (isDue || descriptors.isUnreadable(generation)) ledger.touch(generation);
    generation.mtimeMs = found.mtimeMs;
    if (place.gzip) return true;
    if (found.size < size)
      generation.suspect = true; // what it had is kept, to tell what is lost
    else generation.size = found.size;
    return true;
  };
}

/**
 * @returns a function that begins to follow a file, or finds the reason not to; it says false when
 * that cannot be told, so that nothing newer is to be followed before
 */
function createAdoption(options: SightingsOptions) {
  const { ledger, succession, archives, startOf, logger } = options;
  return (candidate: Found, candidates: Candidates, first: boolean): boolean => {
    const log = ledger.log(candidate.log, candidate.input);
    if (isArchive(candidate.path)) {
      if (candidate.rotated) archives.consider(candidate, log, first);
      return true;
    }
    const former = ledger.at(candidate.key);
    if (former !== undefined) succession.replace(former, candidates);
    const held = !first && candidate.rotated && succession.isHeld(candidate, log, candidates);
    if (held === 'unsure') return false;
    if (held || !candidates.has(candidate)) return true; // or taken as the rest of another one
    const generation = createGeneration(candidate, 0, performance.now());
    if (first && startOf(candidate.input) === 'end') skipToEnd(options, generation, candidate);
    const { path, input } = candidate;
    logger.info({ input, path, id: generation.file.id, offset: generation.offset }, 'following');
    ledger.add(generation);
    return true;
  };
}

function skipToEnd(
  { lineEndsOf }: SightingsOptions,
  generation: Generation,
  candidate: Found,
): void {
  const fd = openFound(candidate);
  if (fd === undefined) return;
  const offset = lastLineEnd(fd, candidate.size, lineEndsOf(candidate.input));
  placeAt(generation, offset, readTrace(fd, offset));
  generation.head = readHead(fd);
  closeSync(fd);
}
