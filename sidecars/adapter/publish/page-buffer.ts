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
  const writeWhole = (value: number) => {
    const end = at + countDigits(value);
    let rest = value;
    for (let to = end - 1; to >= at; to--) {
      const tens = (rest / 10) | 0;
      page[to] = 48 + rest - 10 * tens;
      rest = tens;
    }
    at = end;
  };
  return {
    text(text) {
      reserve(3 * text.length); // no character of UTF-16 is longer in UTF-8
      at += page.write(text, at);
    },
    sample(head, labels, value, end) {
      reserve(head.length + 3 * (labels.length + end.length) + 2 + longestValue);
      // Byte by byte where that is less than a call.
      for (let from = 0; from < head.length; from++) page[at++] = head[from] as number;
      if (labels !== '') {
        at += page.write(labels, at);
        page[at++] = closingBrace;
        page[at++] = space;
      }
      if (value >= 0 && value === (value | 0)) writeWhole(value);
      else at += page.write(formatValue(value), at);
      if (end === '\n') page[at++] = lineFeed;
      else at += page.write(end, at);
    },
    bytes: () => page.subarray(0, at),
  };
}

const [closingBrace, space, lineFeed] = [0x7d, 0x20, 0x0a];
/** `-0.0000012345678901234567` has 25 characters, no number more. */
const longestValue = 25;

/** Of an integer from 0 to 2^31 - 1. */
function countDigits(value: number): number {
  let count = 1;
  for (let next = 10; value >= next; next *= 10) count++;
  return count;
}

export function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
