/** Memory that is written to from its beginning again and again. */
export interface GrowingBuffer {
  clear(): void;
  copy(source: Buffer, start: number, end: number): void;
  put(bytes: Buffer): void;
  putByte(byte: number): void;
  /** What was written since it was cleared; good until it is written to again. */
  bytes(): Buffer;
}

export function createGrowingBuffer(): GrowingBuffer {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let at = 0;
  const reserve = (count: number) => {
    if (at + count <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(at + count, buffer.length * 2));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  return {
    clear() {
      at = 0;
    },
    copy(source, start, end) {
      reserve(end - start);
      at += source.copy(buffer, at, start, end);
    },
    put(bytes) {
      reserve(bytes.length);
      at += bytes.copy(buffer, at);
    },
    putByte(byte) {
      reserve(1);
      buffer[at] = byte;
      at += 1;
    },
    bytes: () => buffer.subarray(0, at),
  };
}
