import type { AssemblyOptions, SampleLine, Tell } from './assemble.ts';

/** Takes the samples of one family and makes points of them. */
export interface FamilyParts {
  take(suffix: string, line: SampleLine, tell: Tell): void;
  finish(): void;
}

/** Milliseconds, as points have them. */
export function timeOf(line: SampleLine, { openMetrics }: AssemblyOptions): { timestamp?: number } {
  if (line.timestamp === undefined) return {};
  return { timestamp: openMetrics ? Math.round(line.timestamp * 1000) : line.timestamp };
}

/** Keeps what is known of each set of labels until the page is at its end. */
export function gather<T extends object>(blank: () => T) {
  const found = new Map<string, T>();
  return {
    of(labels: string): T {
      let parts = found.get(labels);
      if (parts === undefined) {
        parts = blank();
        found.set(labels, parts);
      }
      return parts;
    },
    entries: () => found.entries(),
  };
}
