import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Random } from './random.ts';

/** An app that numbers its lines, and the rotator beside it. */
export interface Writer {
  /** How many lines were written so far. */
  count(): number;
  append(lines: number): void;
  /** Writes a line in two pieces, the second one with the next call of anything. */
  appendHalf(): void;
  rename(): void;
  /** Renames, and goes on writing to the old file for a while. */
  renameLate(): void;
  copyTruncate(): void;
  /** Empties the file. Only when all of it was read. */
  truncate(): void;
  /** Deletes the file, to be made anew. Only when all of it was read. */
  remove(): void;
  /** Compresses the oldest rotated file in place. */
  compress(): void;
}

export function createWriter(path: string, random: Random): Writer {
  let count = 0;
  let half: string | undefined;
  let rotated = 0;
  let late: number | undefined;

  const line = () => {
    count += 1;
    return `W${count} ${'abcdefghij'.repeat(random.below(12))}#${count}\n`;
  };
  const write = (text: string) => {
    if (late === undefined) appendFileSync(path, text);
    else writeSync(late, text);
  };
  const completeHalf = () => {
    if (half !== undefined) write(half);
    half = undefined;
  };
  const endLate = () => {
    if (late !== undefined) closeSync(late);
    late = undefined;
  };
  /** Makes room for the newest rotated file: `.1`, and the others one up. */
  const shift = () => {
    for (let old = rotated; old > 0; old--) {
      for (const end of ['', '.gz']) {
        const from = `${path}.${old}${end}`;
        if (existsSync(from)) renameSync(from, `${path}.${old + 1}${end}`);
      }
    }
    rotated += 1;
  };
  return {
    count: () => count,
    append(lines) {
      completeHalf();
      write(Array.from({ length: lines }, line).join(''));
    },
    appendHalf() {
      completeHalf();
      const text = line();
      // At least its number: a file of one letter cannot be told from another one with that letter.
      const least = `W${count} `.length;
      const cut = least + random.below(text.length - least);
      write(text.slice(0, cut));
      half = text.slice(cut);
    },
    rename() {
      completeHalf();
      endLate();
      if (!existsSync(path)) return;
      shift();
      renameSync(path, `${path}.1`);
      if (random.below(2) === 0) writeFileSync(path, '');
    },
    renameLate() {
      completeHalf();
      if (late !== undefined || !existsSync(path)) return;
      late = openSync(path, 'a');
      shift();
      renameSync(path, `${path}.1`);
      if (random.below(2) === 0) writeFileSync(path, '');
    },
    copyTruncate() {
      completeHalf();
      endLate();
      if (!existsSync(path)) return;
      shift();
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    },
    truncate() {
      completeHalf();
      endLate();
      if (existsSync(path)) truncateSync(path);
    },
    remove() {
      completeHalf();
      endLate();
      if (existsSync(path)) unlinkSync(path);
    },
    compress() {
      completeHalf();
      endLate();
      for (let old = rotated; old > 1; old--) {
        const plain = `${path}.${old}`;
        if (!existsSync(plain)) continue;
        writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
        unlinkSync(plain);
        return;
      }
    },
  };
}
