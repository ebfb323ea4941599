/** Where lines go, each with its end. */
export interface LineTarget {
  write(lines: string): void;
}

export interface GatheredLines extends LineTarget {
  /** Set before each write, by pino. */
  lastLevel: number;
  flush(): void;
}

const maxLength = 16_384;
/** By which a stream asks pino for `lastLevel`. */
const wantsLevel = Symbol.for('pino.metadata');

/**
 * Writes the lines of one turn of the event loop together: of many requests in a turn, each would
 * spend more on a write of its own than on everything else.
 *
 * @param upTo the highest level of lines that may wait for the end of the turn; what is above it goes
 *   out at once, behind what was said before it
 */
export function gatherLines(to: LineTarget, upTo: number): GatheredLines {
  let waiting = '';
  const flush = () => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') to.write(lines);
  };
  const gathered = {
    lastLevel: 0,
    [wantsLevel]: true,
    flush,
    write(line: string) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
      if (gathered.lastLevel > upTo || waiting.length > maxLength) flush();
    },
  };
  return gathered;
}
