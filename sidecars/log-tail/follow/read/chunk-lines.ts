import type { Block } from './blocks.ts';
import { cutLine, type Limits, splitRun } from './long-lines.ts';

/** Makes runs of whole lines of chunks that come as they come; holds one unfinished line. */
export interface ChunkLines {
  push(chunk: Buffer): void;
  /** There is no more: what is held is the last line. */
  end(): void;
}

export interface ChunkLinesOptions {
  readonly limits: Limits;
  /** Where the first chunk begins. */
  readonly offset: number;
  hand(block: Block, partial: boolean): void;
}

export function createChunkLines({ limits, offset, hand }: ChunkLinesOptions): ChunkLines {
  const { ends, maxLine } = limits;
  let at = offset; // where `rest` begins
  let rest = Buffer.alloc(0);
  let dropped = 0; // bytes behind `rest` of a line that is too long to be kept

  const give = (bytes: Buffer, cut = 0, length = bytes.length) => {
    hand({ bytes, offset: at, next: at + length, cut }, false);
    at += length;
  };
  const giveCut = (line: Buffer, missing: number) => {
    const { bytes, cut } = cutLine(line, limits, true);
    give(bytes, cut + missing, line.length + missing);
  };
  return {
    push(chunk) {
      let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let to = ends.behindLast(bytes, 0, bytes.length);
      if (dropped > 0 && to > 0) {
        const first = ends.behindFirst(bytes, 0, to);
        giveCut(bytes.subarray(0, first), dropped);
        dropped = 0;
        bytes = bytes.subarray(first);
        to -= first;
      }
      const run = bytes;
      splitRun(run, { from: 0, to }, limits, {
        give: (start, end) => end > start && give(run.subarray(start, end)),
        giveCut: (start, end) => giveCut(run.subarray(start, end), 0),
      });
      const left = bytes.subarray(to);
      const kept = left.subarray(0, maxLine + ends.mark.length);
      dropped += left.length - kept.length;
      rest = Buffer.from(kept);
    },
    end() {
      if (rest.length === 0) return;
      const next = at + rest.length + dropped;
      const { bytes, cut } =
        rest.length > maxLine ? cutLine(rest, limits, false) : { bytes: rest, cut: 0 };
      hand({ bytes, offset: at, next, cut: cut + dropped }, cut + dropped === 0);
      rest = Buffer.alloc(0);
    },
  };
}
