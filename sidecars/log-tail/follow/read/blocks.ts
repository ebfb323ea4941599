import { readSync } from 'node:fs';
import { advance, type Generation } from '../generations/generation.ts';
import { readTrace } from '../generations/identity.ts';
import type { LineEnds } from './line-ends.ts';
import { cutLine, type Limits, splitRun } from './long-lines.ts';

/** What became of an attempt to read. */
export type ReadResult =
  | 'more' // there may be more: read again
  | 'end' // everything that is there was handed on, but for an unfinished line
  | 'changed'; // the file holds no longer what it held: truncated, or written anew

/** A run of lines as it was read. */
export interface Block {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly next: number;
  readonly cut: number;
}

export interface BlockReader {
  /** Reads one block of whole lines, and hands it on. */
  read(generation: Generation, fd: number, limits: Limits): ReadResult;
  /** Hands on what is left behind the last line end, when a file has come to its end. */
  readPartial(generation: Generation, fd: number, limits: Limits): void;
}

export interface BlockReaderOptions {
  /** What to read into, a block at a time; nothing in it lasts beyond the next read. */
  readonly memory: Buffer;
  hand(generation: Generation, block: Block, partial: boolean): void;
}

/**
 * Reads whole lines by file descriptor into one buffer that all files share. An unfinished line is
 * not kept: the file keeps it, and it is read again once it has grown. Each read begins a little
 * before the offset and is believed only if those bytes are still the same.
 */
export function createBlockReader({ memory: block, hand }: BlockReaderOptions): BlockReader {
  const handLines = createRunHand(block, hand);
  const searchLong = createLongSearch(block, hand);
  return {
    read(generation, fd, limits) {
      if (generation.searched > generation.offset) return searchLong(generation, fd, limits);
      const { trace, offset } = generation;
      const from = trace.length;
      const count = readSync(fd, block, 0, block.length, offset - from);
      if (count < from || !trace.equals(block.subarray(0, from))) return 'changed';
      if (count === from) return 'end';
      const to = limits.ends.behindLast(block, from, count);
      if (to > from) handLines(generation, from, to, limits);
      else if (count === block.length) generation.searched = offset + count - from;
      return count < block.length ? 'end' : 'more';
    },
    readPartial(generation, fd, { ends, maxLine }) {
      const { offset, trace } = generation;
      const length = Math.min(maxLine, generation.size - offset);
      const bytes = Buffer.allocUnsafeSlow(trace.length + length);
      const count = readSync(fd, bytes, 0, bytes.length, offset - trace.length);
      if (count <= trace.length || !trace.equals(bytes.subarray(0, trace.length))) return;
      if (ends.behindLast(bytes, trace.length, count) > trace.length) return; // whole lines came
      const end = Math.max(generation.size, offset + count - trace.length);
      const cut = end - offset - (count - trace.length);
      const kept = bytes.subarray(trace.length, count);
      advance(generation, end, cut > 0 ? readTrace(fd, end) : bytes.subarray(0, count));
      const line = cut > 0 ? Buffer.concat([kept, ends.mark]) : kept;
      hand(generation, { bytes: line, offset, next: end, cut }, cut === 0);
    },
  };
}

/** Hands on what lies in the block, too long lines cut. */
function createRunHand(block: Buffer, hand: BlockReaderOptions['hand']) {
  return (generation: Generation, from: number, to: number, limits: Limits) => {
    const base = generation.offset - from;
    const give = (start: number, end: number) => {
      const part = {
        bytes: block.subarray(start, end),
        offset: base + start,
        next: base + end,
        cut: 0,
      };
      advance(generation, part.next, block.subarray(0, end));
      hand(generation, part, false);
    };
    const giveCut = (start: number, end: number) => {
      const { bytes, cut } = cutLine(Buffer.from(block.subarray(start, end)), limits, true);
      advance(generation, base + end, block.subarray(0, end));
      hand(generation, { bytes, offset: base + start, next: base + end, cut }, false);
    };
    splitRun(block, { from, to }, limits, { give, giveCut });
  };
}

/** A line longer than a block: only new bytes are searched for its end, none are kept. */
function createLongSearch(block: Buffer, hand: BlockReaderOptions['hand']) {
  const search = (generation: Generation, fd: number, limits: Limits): ReadResult => {
    const { offset, searched } = generation;
    const from = searched - ((searched - offset) % limits.ends.mark.length);
    const count = readSync(fd, block, 0, block.length, from);
    const end = limits.ends.behindFirst(block, 0, count);
    if (end === -1) {
      generation.searched = from + count;
      return count < block.length ? 'end' : 'more';
    }
    return handLong(generation, fd, from + end, limits) ? 'more' : 'changed';
  };
  const handLong = (generation: Generation, fd: number, next: number, limits: Limits): boolean => {
    const { offset, trace } = generation;
    const length = Math.min(next - offset, limits.maxLine + limits.ends.mark.length);
    const bytes = Buffer.allocUnsafeSlow(trace.length + length);
    const count = readSync(fd, bytes, 0, bytes.length, offset - trace.length);
    if (count < bytes.length || !trace.equals(bytes.subarray(0, trace.length))) return false;
    const line = bytes.subarray(trace.length);
    const beyond = next - offset - length - limits.ends.mark.length; // its line end is put back
    const { bytes: kept, cut } =
      next - offset > length ? cutLine(line, limits, false) : { bytes: line, cut: 0 };
    advance(generation, next, readTrace(fd, next));
    hand(
      generation,
      { bytes: kept, offset, next, cut: next - offset > length ? cut + beyond : 0 },
      false,
    );
    return true;
  };
  return search;
}

/** Just behind the last line end of a file: where its end begins. Looks back no more than a block. */
export function lastLineEnd(fd: number, size: number, ends: LineEnds): number {
  const length = Math.min(size - (size % ends.mark.length), 256 * 1024);
  const bytes = Buffer.allocUnsafe(length);
  const from = size - (size % ends.mark.length) - length;
  const behind = ends.behindLast(bytes, 0, readSync(fd, bytes, 0, length, from));
  return behind === 0 ? size : from + behind;
}
