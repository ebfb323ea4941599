import type { Writable } from 'node:stream';

/** Writes bytes that stand in memory about to be read into again. */
export interface Copier {
  /** @returns false when the target is full: wait for its `drain` */
  write(target: Pick<Writable, 'write'>, bytes: Buffer): boolean;
}

const blockSize = 65_536;
/** Node has memory at hand for what is smaller. */
const smallest = 4096;
const maxFree = 32;

/**
 * Copies go into blocks that are taken again once they are written: with fresh memory for each piece
 * of a long body, V8 is told of so much garbage that it collects all the time.
 */
export function createCopier(): Copier {
  const free: Buffer[] = [];
  return {
    write(target, bytes) {
      const { length } = bytes;
      if (length < smallest || length > blockSize) return target.write(Buffer.from(bytes));
      const block = free.pop() ?? Buffer.allocUnsafeSlow(blockSize);
      bytes.copy(block);
      return target.write(block.subarray(0, length), (error) => {
        // Whether a block that could not be written is still read from, nobody knows.
        if (!error && free.length < maxFree) free.push(block);
      });
    },
  };
}
