/** The number of a line that `createWriter` wrote, if it is whole. */
export function numberOf(line: string): number | undefined {
  const match = /^W(\d+) (?:abcdefghij)*#(\d+)$/.exec(line);
  return match !== null && match[1] === match[2] ? Number(match[1]) : undefined;
}

/**
 * The numbers that came, in order. A SIGTERM hands an unfinished line on, and its rest comes as a
 * line of its own: together they are one. A kill can tear the line that is being written, and
 * what a lost checkpoint knew is read again: such a line comes again whole.
 */
export function readNumbers(lines: readonly string[]): { numbers: number[]; torn: string[] } {
  const numbers: number[] = [];
  const torn: string[] = [];
  let begun: string[] = [];
  for (const line of lines) {
    const number = numberOf(line);
    const start = begun.find((piece) => numberOf(piece + line) !== undefined);
    if (number !== undefined) numbers.push(number);
    else if (start === undefined) begun.push(line);
    else {
      numbers.push(numberOf(start + line) ?? 0);
      begun = begun.filter((piece) => piece !== start);
    }
  }
  torn.push(...begun.filter((piece) => piece !== '')); // a line end whose line came before it
  return { numbers, torn };
}

/** Which of the numbers 1 to `count` did not come. */
export function missing(count: number, seen: ReadonlySet<number>): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((number) => !seen.has(number));
}
