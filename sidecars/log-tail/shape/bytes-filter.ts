import { type BytesPredicate, compileBytesCondition } from '../condition/bytes.ts';
import type { StepConfig } from './config.ts';
import { createGrowingBuffer } from './growing-buffer.ts';
import { createFieldSplicer, type Splice } from './splice.ts';
import type { FilterName, StepEvents } from './step.ts';

/** The lines that stay, with the fields added; the bytes are only good until the next call. */
export interface FilteredLines {
  readonly bytes: Buffer;
  readonly count: number;
  /** Where the first line begins that is no JSON object, and was not looked at; else the length. */
  readonly end: number;
}

/** Filters whole lines from a place in them on. */
export type BytesFilter = (lines: Buffer, from: number) => FilteredLines;

const openBrace = 0x7b;

interface Test {
  readonly step: FilterName;
  readonly stays: BytesPredicate;
}

/**
 * The steps on the bytes of JSON lines, without parsing them: for `drop` and `keep` that ask for
 * top-level keys only, and `add` behind them.
 *
 * @returns undefined when the steps need more than that
 */
export function createBytesFilter(
  steps: readonly StepConfig[],
  events: StepEvents,
): BytesFilter | undefined {
  const tests: Test[] = [];
  const added: Record<string, string | number | boolean> = {};
  let adding = false;
  for (const step of steps) {
    if ('add' in step) {
      Object.assign(added, step.add);
      adding = true;
      continue;
    }
    const test = toTest(step);
    if (test === undefined || adding) return undefined;
    tests.push(test);
  }
  return filterLines(tests, adding ? createFieldSplicer(added) : undefined, events);
}

function toTest(step: StepConfig): Test | undefined {
  if ('keep' in step) {
    const holds = compileBytesCondition(step.keep.condition);
    return holds && { step: 'keep', stays: holds };
  }
  if (!('drop' in step)) return undefined;
  const holds = compileBytesCondition(step.drop.condition);
  return holds && { step: 'drop', stays: (bytes, start, end) => !holds(bytes, start, end) };
}

function filterLines(
  tests: readonly Test[],
  splice: Splice | undefined,
  events: StepEvents,
): BytesFilter {
  const output = createGrowingBuffer();
  return (lines, from) => {
    output.clear();
    let count = 0;
    let start = from;
    while (start < lines.length && lines[start] === openBrace) {
      const found = lines.indexOf(10, start);
      const end = found === -1 ? lines.length : found;
      const failed = firstFailure(tests, lines, start, end);
      if (failed !== undefined) events.leftOut(failed);
      else {
        if (splice === undefined) output.copy(lines, start, end);
        else splice.write(output, lines, start, end);
        output.putByte(10);
        count += 1;
      }
      start = end + 1;
    }
    return { bytes: output.bytes(), count, end: Math.min(start, lines.length) };
  };
}

function firstFailure(
  tests: readonly Test[],
  lines: Buffer,
  start: number,
  end: number,
): FilterName | undefined {
  for (const { step, stays } of tests) {
    if (!stays(lines, start, end)) return step;
  }
  return undefined;
}
