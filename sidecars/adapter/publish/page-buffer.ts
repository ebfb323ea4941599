/** A page as it grows, in UTF-8. */
export interface PageBuffer {
  text(text: string): void;
  /** What a series begins with, line after line: too short to be worth a call for each. */
  copy(ascii: Uint8Array): void;
  value(value: number): void;
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
  const text = (text: string) => {
    reserve(3 * text.length); // no character of UTF-16 is longer in UTF-8
    at += page.write(text, at);
  };
  return {
    text,
    copy(ascii) {
      reserve(ascii.length);
      for (let from = 0; from < ascii.length; from++) page[at++] = ascii[from] as number;
    },
    value(value) {
      if (value < 0 || value !== (value | 0)) return text(formatValue(value));
      reserve(10);
      const end = at + countDigits(value);
      let rest = value;
      for (let to = end - 1; to >= at; to--) {
        const tens = (rest / 10) | 0;
        page[to] = 48 + rest - 10 * tens;
        rest = tens;
      }
      at = end;
    },
    bytes: () => page.subarray(0, at),
  };
}

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
