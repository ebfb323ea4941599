import type { LineMetrics } from './line-metrics/line-metrics.ts';
import type { ParseConfig } from './parse/config.ts';
import { createRecordReader, type OnRecord } from './parse/record-reader.ts';
import type { FollowedFile, Lines } from './record.ts';
import type { BytesFilter } from './shape/bytes-filter.ts';
import type { Shaper } from './shape/shaper.ts';
import type { Output } from './ship/output.ts';

/** The way of one input's lines to the outputs. */
export interface Lane {
  take(lines: Lines): void;
  /** Up to where all of a file has been given to the outputs, when it was read up to `next`. */
  safeOffset(file: FollowedFile, next: number): number;
  /** Gives out what waits for further lines: what has waited long enough, or all. */
  flush(now?: number): void;
}

export interface LaneOptions {
  readonly config: ParseConfig;
  /** undefined when there are no steps. */
  readonly shaper: Shaper | undefined;
  /** The same steps on bytes, when they can be done so. */
  readonly filter: BytesFilter | undefined;
  readonly lineMetrics: LineMetrics;
  readonly outputs: readonly Output[];
  unparsed(): void;
}

/**
 * Lines take the cheapest way that gives the outputs what they need: as whole blocks where nobody
 * looks into them, filtered as bytes where only top-level keys are asked, and else as records.
 */
export function createLane(options: LaneOptions): Lane {
  const { shaper, filter, lineMetrics, outputs } = options;
  const asLines = keepsLines(options.config) ? outputs.filter((output) => output.takesLines) : [];
  const needsRecords = !lineMetrics.isEmpty() || asLines.length < outputs.length;
  if (needsRecords) return createRecordLane(options, shaper === undefined ? asLines : []);
  if (shaper === undefined) return createLineLane(asLines);
  const asRecords = createRecordLane(options, []);
  return filter === undefined ? asRecords : createFilterLane(filter, asLines, asRecords);
}

/** Whether a line stays what it is: not joined with others, not unwrapped, not decoded. */
function keepsLines({ format, multiline, encoding }: ParseConfig): boolean {
  return multiline === undefined && format !== 'cri' && format !== 'docker' && encoding === 'utf-8';
}

const atOnce = { safeOffset: (_: FollowedFile, next: number) => next, flush: () => {} };

function createLineLane(outputs: readonly Output[]): Lane {
  return { ...atOnce, take: (lines) => giveLines(outputs, lines) };
}

/** JSON lines go as bytes, and whatever stands between them by way of records. */
function createFilterLane(filter: BytesFilter, outputs: readonly Output[], others: Lane): Lane {
  return {
    ...atOnce,
    take(lines) {
      const whole = wholeLines(lines);
      for (let at = 0; at < whole.length; ) {
        const { bytes, count, end } = filter(whole, at);
        if (count > 0) for (const output of outputs) output.addLines(bytes, count);
        at = end;
        if (at === whole.length) return;
        at = whole.indexOf(10, end) + 1 || whole.length;
        const bytesOfLine = whole.subarray(end, at);
        const next = at === whole.length ? lines.next : lines.offset + at;
        others.take({ ...lines, bytes: bytesOfLine, offset: lines.offset + end, next, count: 1 });
      }
    },
  };
}

function createRecordLane(options: LaneOptions, asLines: readonly Output[]): Lane {
  const { config, shaper, lineMetrics, unparsed } = options;
  const outputs = options.outputs.filter((output) => !asLines.includes(output));
  const reader = createRecordReader({ config, unparsed });
  const give: OnRecord = (record) => {
    lineMetrics.observe(record);
    for (const output of outputs) output.add(record);
  };
  const onRecord = shaper === undefined ? give : shaper(give);
  return {
    take(lines) {
      giveLines(asLines, lines);
      reader.read(lines, onRecord);
    },
    safeOffset: reader.safeOffset,
    flush: (now) => reader.flush(onRecord, now),
  };
}

function giveLines(outputs: readonly Output[], lines: Lines): void {
  if (outputs.length === 0) return;
  const bytes = wholeLines(lines);
  for (const output of outputs) output.addLines(bytes, lines.count);
}

const lineEnd = Buffer.from('\n');

function wholeLines({ bytes, partial }: Lines): Buffer {
  return partial ? Buffer.concat([bytes, lineEnd]) : bytes;
}
