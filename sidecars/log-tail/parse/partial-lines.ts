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
}

const maxLength = 1024 * 1024;

export function createPartialLines(unwrap: Unwrapper): PartialLines {
  // The two streams of a container are written to one file, and may be cut in turn.
  const waiting = new Map<string, { text: string; offset: number; time: number | undefined }>();
  const join = (line: TextLine, { text, stream, time, partial }: Unwrapped) => {
    const begun = waiting.get(stream);
    const whole = (begun?.text ?? '') + text;
    const offset = begun?.offset ?? line.offset;
    if (partial && whole.length < maxLength) {
      waiting.set(stream, { text: whole, offset, time: begun?.time ?? time });
      return undefined;
    }
    waiting.delete(stream);
    return { ...line, text: whole, offset, time: begun?.time ?? time, stream };
  };
  return {
    take(line) {
      const unwrapped = unwrap(line.text);
      if (unwrapped === undefined) return { ...line, time: undefined, stream: undefined };
      return join(line, unwrapped);
    },
    held: () => [...waiting.values()].reduce<number | undefined>(earliest, undefined),
  };
}

function earliest(least: number | undefined, { offset }: { offset: number }): number {
  return least === undefined ? offset : Math.min(least, offset);
}
