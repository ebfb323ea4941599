/** A page as it grows, in UTF-8. */
export interface PageBuffer {
  text(text: string): void;
  /**
   * @param head what the lines of a series begin with
   * @param labels behind which comes a brace, if there are any
   * @param end what comes behind the value, the line end included
   */
  sample(head: Uint8Array, labels: string, value: number, end: string): void;
  /** The page so far; it is not written to after that. */
  bytes(): Buffer;
}

/**
 * Pages are written where they are sent from. As strings, which are joined and then encoded, they
 * are four times their size in garbage, and that while the document they are made of is alive.
 * @param size about as many bytes as will be written
 */
export function createPageBuffer(size: number): PageBuffer {
  let page = Buffer.allocUnsafeSlow(size);
  let at = 0;
  const reserve = (count: number) => {
    if (at + count <= page.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * page.length + count);
    page.copy(larger, 0, 0, at);
    page = larger;
  };
  return {
    text(text) {
      reserve(3 * text.length); // no character of UTF-16 is longer in UTF-8
      at += page.write(text, at);
    },
    sample(head, labels, value, end) {
      reserve(head.length + 3 * (labels.length + end.length) + 2 + longestValue);
      const into = page;
      let to = at;
      // Byte by byte where that is less than a call.
      for (let from = 0; from < head.length; from++) into[to++] = head[from] as number;
      if (labels !== '') {
        to += into.write(labels, to);
        into[to++] = closingBrace;
        into[to++] = space;
      }
      if (value >= 0 && value === (value | 0)) to = writeWhole(into, to, value);
      else to += into.write(formatValue(value), to);
      if (end === '\n') into[to++] = lineFeed;
      else to += into.write(end, to);
      at = to;
    },
    bytes: () => page.subarray(0, at),
  };
}

const [closingBrace, space, lineFeed] = [0x7d, 0x20, 0x0a];
/** `-0.0000012345678901234567` has 25 characters, no number more. */
const longestValue = 25;

/** Writes an integer from 0 to 2^31 - 1. @returns where it ends */
function writeWhole(into: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let next = 10; value >= next; next *= 10) end++;
  let rest = value;
  for (let to = end - 1; to >= at; to--) {
    const tens = (rest / 10) | 0;
    into[to] = 48 + rest - 10 * tens;
    rest = tens;
  }
  return end;
}

export function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
