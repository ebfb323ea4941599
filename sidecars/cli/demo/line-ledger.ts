import { lineLevels } from './log-file.ts';

/** Keeps book of the lines that log-tail puts out. */
export interface LineLedger {
  take(line: string): void;
  total(): number;
  byLevel(): Readonly<Record<string, number>>;
  /** The latest lines, the last one last. */
  latest(): readonly string[];
  /** Compares with the lines numbered 1 to `written`. */
  compare(written: number): { readonly missing: number; readonly repeated: number };
}

const kept = 12;

export function createLineLedger(): LineLedger {
  const times = new Map<number, number>();
  const levels = new Map<string, number>(lineLevels.map((level) => [level, 0]));
  const latest: string[] = [];
  let total = 0;
  return {
    take(line) {
      total++;
      latest.push(line);
      if (latest.length > kept) latest.shift();
      const { seq, level } = readLine(line);
      times.set(seq, (times.get(seq) ?? 0) + 1);
      levels.set(level, (levels.get(level) ?? 0) + 1);
    },
    total: () => total,
    byLevel: () => Object.fromEntries(levels),
    latest: () => latest,
    compare(written) {
      const numbers = Array.from({ length: written }, (_, index) => index + 1);
      const missing = numbers.filter((number) => !times.has(number)).length;
      return { missing, repeated: total - (written - missing) };
    },
  };
}

/** A line that is none of the shop's counts as number 0, which makes it one too many. */
function readLine(line: string): { seq: number; level: string } {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'seq' in entry && 'level' in entry) {
      return { seq: Number(entry.seq), level: String(entry.level) };
    }
  } catch {
    // said below
  }
  return { seq: 0, level: 'other' };
}
