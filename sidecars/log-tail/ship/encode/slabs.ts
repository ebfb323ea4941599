/** Gives memory of at least so many bytes, shortened to them. */
export type Allocate = (bytes: number) => Buffer;

/** Memory for bodies that is used again and again. */
export interface Slabs {
  readonly allocate: Allocate;
  /** Takes back what was given, of which nobody needs anything any more. */
  release(memory: Buffer): void;
}

/** Sizes are rounded up, so that bodies of about one size share their slabs. */
const step = 64 * 1024;

/**
 * A body of a megabyte for each batch would be garbage that the engine collects late, since it sees
 * only the small object in front of it: dozens of megabytes would wait for that.
 *
 * @param maxFreeBytes how much may be kept that is not in use
 */
export function createSlabs(maxFreeBytes: number): Slabs {
  const free: ArrayBuffer[] = [];
  let freeBytes = 0;
  return {
    allocate(bytes) {
      const at = free.findIndex(({ byteLength }) => fits(byteLength, bytes));
      const [slab] = at === -1 ? [] : free.splice(at, 1);
      freeBytes -= slab?.byteLength ?? 0;
      return Buffer.from(slab ?? new ArrayBuffer(Math.ceil(bytes / step) * step), 0, bytes);
    },
    release({ buffer }) {
      if (!(buffer instanceof ArrayBuffer)) return;
      if (freeBytes + buffer.byteLength > maxFreeBytes) return;
      free.push(buffer);
      freeBytes += buffer.byteLength;
    },
  };
}

/** Not so much larger that it would be a waste. */
function fits(slab: number, bytes: number): boolean {
  return slab >= bytes && slab <= bytes * 4 + step;
}

/** As `Buffer.concat`. */
export function concatInto(allocate: Allocate, parts: readonly Uint8Array[]): Buffer {
  const whole = allocate(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
