import type { FollowConfig } from '../config.ts';
import { type LineEnds, lineEndsOf } from './line-ends.ts';

/** How long a line may be, and how it ends. */
export interface Limits {
  readonly ends: LineEnds;
  readonly maxLine: number;
}

export function limitsOf({ encoding, maxLine }: FollowConfig): Limits {
  return { ends: lineEndsOf(encoding), maxLine };
}

/** Takes runs of lines by their places in the buffer. */
export interface RunTaker {
  give(start: number, end: number): void;
  /** One line that is too long. */
  giveCut(start: number, end: number): void;
}

/** Hands on runs of lines within the limit as they are, and each longer line by itself. */
export function splitRun(
  block: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
  { ends, maxLine }: Limits,
  { give, giveCut }: RunTaker,
): void {
  if (to - from <= maxLine) {
    give(from, to);
    return;
  }
  let start = from;
  let at = from;
  while (at < to) {
    // All lines up to the last line end within reach of `at` are short enough.
    const reach = Math.min(to, at + maxLine + ends.mark.length);
    const behind = ends.behindLast(block, at, reach);
    if (behind > at) {
      at = behind;
      continue;
    }
    if (at > start) give(start, at);
    const end = ends.behindFirst(block, at, to);
    giveCut(at, end);
    start = at = end;
  }
  if (at > start) give(start, at);
}

/** Cuts a line, which may still have its line end, to the limit, and puts a line end behind it. */
export function cutLine(line: Buffer, { ends, maxLine }: Limits, hasEnd: boolean) {
  const kept = ends.characterAt(line, Math.min(maxLine, line.length));
  const content = hasEnd ? line.length - ends.mark.length : line.length;
  return { bytes: Buffer.concat([line.subarray(0, kept), ends.mark]), cut: content - kept };
}
