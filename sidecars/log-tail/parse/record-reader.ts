import type { Draft } from '../draft.ts';
import type { FollowedFile, Lines } from '../record.ts';
import type { ParseConfig } from './config.ts';
import { createFormat, type Format } from './formats.ts';
import { createLineReader, type LineReader } from './lines.ts';
import { type Assembler, createAssembler, type JoinedLines, type TextLine } from './multiline.ts';
import { createPartialLines, type PartialLines, type UnwrappedLine } from './partial-lines.ts';
import { findTime } from './time.ts';

export type OnRecord = (record: Draft) => void;

export interface RecordReaderOptions {
  readonly config: ParseConfig;
  /** Called for a record that is not of the format it should have. */
  unparsed(): void;
}

/** Makes records of the lines of one input's files. */
export interface RecordReader {
  read(lines: Lines, onRecord: OnRecord): void;
  /** Up to where all of a file's records have been given out, having been read up to `next`. */
  safeOffset(file: FollowedFile, next: number): number;
  /** Gives out records that wait for further lines: those that waited long enough, or all. */
  flush(onRecord: OnRecord, now?: number): void;
}

interface Reading {
  file: FollowedFile;
  readonly lines: LineReader;
  readonly partials: PartialLines | undefined;
  /** Shared with the file that stood at the same path before, so that a trace may go over both. */
  readonly assemblers: Assemblers | undefined;
}

/** One for each stream of a container: what it writes to both comes line by line, in turn. */
type Assemblers = Map<string | undefined, Assembler>;

/** How many files are remembered that hold nothing back. */
const maxIdle = 1024;

export function createRecordReader({ config, unparsed }: RecordReaderOptions): RecordReader {
  const format = createFormat(config.format);
  const readings = new Map<string, Reading>();
  const assemblers = new Map<string, Assemblers>();
  const toRecord = createRecordMaker(format, config, unparsed);

  const { multiline } = config;
  const assemblersAt = (path: string) => {
    if (multiline === undefined) return undefined;
    const known = assemblers.get(path) ?? new Map();
    assemblers.set(path, known);
    return known;
  };
  const takeWhole = (to: Assemblers | undefined, line: TextLine, onJoined: OnJoined) => {
    if (to === undefined || multiline === undefined)
      return onJoined({ lines: [line], text: line.text });
    const { stream } = line as Partial<UnwrappedLine>;
    let assembler = to.get(stream);
    if (assembler === undefined) {
      assembler = createAssembler(multiline);
      to.set(stream, assembler);
    }
    assembler.take(line, onJoined);
  };
  const readingOf = (file: FollowedFile): Reading => {
    const known = readings.get(file.id);
    if (known !== undefined) {
      known.file = file;
      return known;
    }
    if (readings.size >= maxIdle) forgetIdle(readings, assemblers);
    const reading: Reading = {
      file,
      lines: createLineReader(config.encoding),
      partials: format.unwrap && createPartialLines(format.unwrap, unparsed),
      assemblers: assemblersAt(file.path),
    };
    readings.set(file.id, reading);
    return reading;
  };
  const give = (onRecord: OnRecord) => (joined: JoinedLines) =>
    onRecord(joinRecord(joined, toRecord));
  return {
    read(lines, onRecord) {
      const { file } = lines;
      const { lines: reader, partials, assemblers: joining } = readingOf(file);
      const onJoined = give(onRecord);
      const arrived = Date.now();
      reader.read(lines, (text, offset, next) => {
        if (partials === undefined && joining === undefined) {
          onRecord(toRecord(file, text, offset, next, arrived));
          return;
        }
        const line: TextLine = { file, text, offset, next };
        const whole: TextLine | undefined = partials === undefined ? line : partials.take(line);
        if (whole !== undefined) takeWhole(joining, whole, onJoined);
      });
    },
    safeOffset(file, next) {
      const reading = readings.get(file.id);
      return reading === undefined ? next : Math.min(next, ...heldBack(reading));
    },
    flush(onRecord, now) {
      for (const { partials, assemblers: joining } of readings.values()) {
        const rest = partials?.flush(now) ?? [];
        for (const line of rest) takeWhole(joining, line, give(onRecord));
      }
      for (const ofPath of assemblers.values()) {
        for (const assembler of ofPath.values()) assembler.flush(give(onRecord), now);
      }
    },
  };
}

type OnJoined = (joined: JoinedLines) => void;

type RecordMaker = (
  file: FollowedFile,
  text: string,
  offset: number,
  next: number,
  time: number,
) => Draft;

function createRecordMaker(
  { name, parse, strict }: Format,
  { time: from }: ParseConfig,
  unparsed: () => void,
): RecordMaker {
  const field = typeof from === 'object' ? from.field : undefined;
  return (file, text, offset, next, arrived) => {
    const fields = parse?.(text);
    if (fields === undefined && strict && parse !== undefined && text !== '') unparsed();
    const own = fields === undefined || from === 'arrival' ? undefined : findTime(fields, field);
    const isJson = fields !== undefined && name !== 'regex' && readsJson(text);
    return { file, offset, next, text, fields, isJson, time: own ?? arrived, edited: false };
  };
}

/** Logfmt and access logs cannot begin so. */
function readsJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function joinRecord({ lines, text }: JoinedLines, toRecord: RecordMaker): Draft {
  const [first] = lines;
  const last = lines.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a record without lines');
  const next = last.file.id === first.file.id ? last.next : (first.next ?? last.next);
  const { time, stream } = first as Partial<UnwrappedLine>;
  const record = toRecord(first.file, text, first.offset, next, time ?? Date.now());
  return stream === undefined ? record : { ...record, fields: { stream, ...record.fields } };
}

/** Where in the file there are records that wait for further lines. */
function heldBack({ file, lines, partials, assemblers }: Reading): readonly number[] {
  const joining = [...(assemblers?.values() ?? [])].map((assembler) => assembler.held(file));
  const held = [lines.held(), partials?.held(), ...joining];
  return held.filter((offset) => offset !== undefined);
}

function forgetIdle(readings: Map<string, Reading>, assemblers: Map<string, Assemblers>): void {
  for (const [id, reading] of readings) {
    if (heldBack(reading).length === 0) readings.delete(id);
  }
  const used = new Set([...readings.values()].map((reading) => reading.assemblers));
  for (const [path, ofPath] of assemblers) {
    if (!used.has(ofPath)) assemblers.delete(path);
  }
}
