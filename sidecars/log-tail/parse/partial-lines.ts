import type { TextLine } from './multiline.ts';
import type { Unwrapped, Unwrapper } from './parser.ts';

/** A line without what a container runtime put around it. */
export interface UnwrappedLine extends TextLine {
  readonly time: number | undefined;
  readonly stream: string | undefined;
}

/** Puts together what a container runtime has cut: it ends a line at 16 KiB. */
export interface PartialLines {
  take(line: TextLine): UnwrappedLine | undefined;
  held(): number | undefined;
  /** What has waited for its rest as long as it may, or all; it may have come into another file. */
  flush(now?: number): UnwrappedLine[];
}

const maxLength = 1024 * 1024;
const maxWait = 5000;

interface Waiting extends UnwrappedLine {
  readonly since: number;
}

/** @param bare called for a line that has nothing of a container runtime around it */
export function createPartialLines(unwrap: Unwrapper, bare: () => void): PartialLines {
  // The two streams of a container are written to one file, and may be cut in turn.
  const waiting = new Map<string, Waiting>();
  const join = (line: TextLine, { text, stream, time, partial }: Unwrapped) => {
    const begun = waiting.get(stream);
    const whole = (begun?.text ?? '') + text;
    const offset = begun?.offset ?? line.offset;
    if (partial && whole.length < maxLength) {
      const since = begun?.since ?? performance.now();
      waiting.set(stream, {
        ...line,
        text: whole,
        offset,
        time: begun?.time ?? time,
        stream,
        since,
      });
      return undefined;
    }
    waiting.delete(stream);
    return { ...line, text: whole, offset, time: begun?.time ?? time, stream };
  };
  return {
    take(line) {
      const unwrapped = unwrap(line.text);
      if (unwrapped !== undefined) return join(line, unwrapped);
      if (line.text !== '') bare();
      return { ...line, time: undefined, stream: undefined };
    },
    flush(now = Number.POSITIVE_INFINITY) {
      const over = [...waiting.values()].filter(({ since }) => now - since >= maxWait);
      for (const { stream = '' } of over) waiting.delete(stream);
      return over.map(({ since: _, ...line }) => line);
    },
    held: () => [...waiting.values()].reduce<number | undefined>(earliest, undefined),
  };
}

function earliest(least: number | undefined, { offset }: { offset: number }): number {
  return least === undefined ? offset : Math.min(least, offset);
}
