import type { LabelText } from '../sample.ts';
import type { Collector } from './collector.ts';
import type { ReadAs } from './read-as.ts';

/** One turn of a mapping over one document. */
export interface Run {
  readonly document: unknown;
  readonly collector: Collector;
  /** Reads dates, in the time zone of the source where they say none. */
  readonly readDate: ReadAs;
  /** Set when a label was made of an integer that a double cannot hold: digits were lost. */
  inexact: boolean;
}

/** What the rules of one level look at: the document itself, or a row of `each`. */
export interface Row {
  readonly run: Run;
  value: unknown;
  /** Under which key it stands; undefined for the document. */
  key: string | number | undefined;
  /** The how-manieth of its rows it is. */
  index: number;
  /** Its labels, one text for each name that the level has, `` for an empty one. */
  pieces: readonly string[];
  labels: LabelText;
}
