import type { Allocate } from './slabs.ts';

/** The body of a batch while it is written. */
export interface BodyBuffer {
  putText(text: string): void;
  putBytes(bytes: Buffer): void;
  /** About how many bytes it holds. */
  size(): number;
  /** What was put in; good until more is put in. */
  view(): Buffer;
  clear(): void;
  /** A copy of what was put in; the next one begins empty. */
  take(allocate: Allocate): Buffer;
}

/** Texts are encoded in runs of about this length: often enough that they die young. */
const runLength = 16 * 1024;
const firstLength = 4 * runLength;

/**
 * Texts do not stay texts until the batch is sent: thousands of short ones that live for a second
 * cost the garbage collector more than all the rest of the work.
 */
export function createBodyBuffer(): BodyBuffer {
  let buffer = Buffer.allocUnsafeSlow(firstLength);
  let at = 0;
  let text = '';
  const reserve = (count: number) => {
    if (at + count <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(at + count, buffer.length * 2));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  const settle = () => {
    if (text === '') return;
    reserve(text.length * 3); // what UTF-8 needs at most for one UTF-16 unit
    at += buffer.write(text, at, 'utf8');
    text = '';
  };
  const view = () => {
    settle();
    return buffer.subarray(0, at);
  };
  const clear = () => {
    // One that was unusually large must not stay so.
    if (buffer.length > 16 * firstLength && at * 4 < buffer.length) {
      buffer = Buffer.allocUnsafeSlow(firstLength);
    }
    at = 0;
    text = '';
  };
  return {
    putText(more) {
      text += more;
      if (text.length > runLength) settle();
    },
    putBytes(bytes) {
      settle();
      reserve(bytes.length);
      at += bytes.copy(buffer, at);
    },
    size: () => at + text.length,
    view,
    clear,
    take(allocate) {
      const written = view();
      const body = allocate(written.length);
      written.copy(body);
      clear();
      return body;
    },
  };
}
