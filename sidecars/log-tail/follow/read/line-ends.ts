export type Encoding = 'utf-8' | 'latin1' | 'utf-16le' | 'utf-16be';

/** Finds line ends in the bytes of a file. Positions count from the buffer's start. */
export interface LineEnds {
  /** @returns just behind the last line end in `[from, to)`, or `from` when there is none */
  behindLast(bytes: Buffer, from: number, to: number): number;
  /** @returns just behind the first line end in `[from, to)`, or -1 when there is none */
  behindFirst(bytes: Buffer, from: number, to: number): number;
  /** The line end itself. */
  readonly mark: Buffer;
  /** @returns where to cut, at `at` or shortly before it, so that no character is torn apart */
  characterAt(bytes: Buffer, at: number): number;
}

const newline = 10;

/** Line ends of encodings in which the byte 10 is a line end and nothing else. */
const ofBytes: LineEnds = {
  behindLast(bytes, from, to) {
    const at = to > from ? bytes.lastIndexOf(newline, to - 1) : -1;
    return at < from ? from : at + 1;
  },
  behindFirst(bytes, from, to) {
    const at = bytes.indexOf(newline, from);
    return at === -1 || at >= to ? -1 : at + 1;
  },
  mark: Buffer.from('\n'),
  characterAt(bytes, at) {
    let start = at;
    while (start > at - 4 && start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
    return start;
  },
};

export function lineEndsOf(encoding: Encoding): LineEnds {
  switch (encoding) {
    case 'utf-16le':
      return ofUnits(0);
    case 'utf-16be':
      return ofUnits(1);
    default:
      return ofBytes;
  }
}

/** Line ends of UTF-16, two bytes from an even place on, of which the byte `low` is the 10. */
function ofUnits(low: 0 | 1): LineEnds {
  const isEnd = (bytes: Buffer, at: number, from: number) =>
    (at - low - from) % 2 === 0 && bytes[at + 1 - 2 * low] === 0;
  return {
    behindLast(bytes, from, to) {
      const whole = to - ((to - from) % 2);
      let at = whole > from ? bytes.lastIndexOf(newline, whole - 1) : -1;
      while (at >= from && !isEnd(bytes, at, from))
        at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1);
      return at < from ? from : at - low + 2;
    },
    behindFirst(bytes, from, to) {
      let at = bytes.indexOf(newline, from);
      while (at !== -1 && at < to && !isEnd(bytes, at, from)) at = bytes.indexOf(newline, at + 1);
      return at === -1 || at - low + 2 > to ? -1 : at - low + 2;
    },
    mark: low === 0 ? Buffer.from([newline, 0]) : Buffer.from([0, newline]),
    characterAt: (_, at) => at - (at % 2),
  };
}
