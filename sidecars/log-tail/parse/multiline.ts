import type { FollowedFile } from '../record.ts';
import type { MultilineConfig } from './config.ts';
import { createJoiner, type Joiner } from './stack-traces.ts';

/** A line of one file that is, or will be part of, a record. */
export interface TextLine {
  readonly file: FollowedFile;
  readonly text: string;
  readonly offset: number;
  readonly next: number;
}

/** Lines that make one record; of two files when the file was rotated in the middle. */
export interface JoinedLines {
  readonly lines: readonly TextLine[];
  readonly text: string;
}

type OnJoined = (joined: JoinedLines) => void;

/** Joins the lines that come from one path into records. */
export interface Assembler {
  take(line: TextLine, onJoined: OnJoined): void;
  /** Where the record begins in the file, of which it still waits for lines. */
  held(file: FollowedFile): number | undefined;
  /** The record that waits is over now, or when it has waited as long as it may. */
  flush(onJoined: OnJoined, now?: number): void;
}

export function createAssembler(config: MultilineConfig): Assembler {
  const joiner: Joiner = createJoiner(config);
  let lines: TextLine[] = [];
  let length = 0;
  let touched = 0;

  const flush = (onJoined: OnJoined) => {
    if (lines.length === 0) return;
    const joined = { lines, text: lines.map(({ text }) => text).join('\n') };
    lines = [];
    length = 0;
    onJoined(joined);
  };
  return {
    take(line, onJoined) {
      const continues = joiner.continues(line.text);
      if (!continues || length + line.text.length > config.maxBytes) flush(onJoined);
      lines.push(line);
      length += line.text.length + 1;
      touched = performance.now();
    },
    held: ({ id }) => lines.find(({ file }) => file.id === id)?.offset,
    flush(onJoined, now) {
      if (now === undefined || now - touched >= config.flush) flush(onJoined);
    },
  };
}
