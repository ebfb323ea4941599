/** One generation of a followed file: what stays the same while it is renamed, not while it is replaced. */
export interface FollowedFile {
  /** Stable across restarts, and never that of another generation. Never a metric label. */
  readonly id: string;
  /** The name it has now. */
  readonly path: string;
  /** The key under `inputs:` that found it. */
  readonly input: string;
}

/** A run of whole lines of one file, each with its line end. */
export interface Lines {
  readonly file: FollowedFile;
  /** The follower's own memory: copy what must outlive the call it was given in. */
  readonly bytes: Buffer;
  /** Where in the file `bytes` begins, and where reading goes on behind it; bytes from its start. */
  readonly offset: number;
  readonly next: number;
  /** How many lines these are. */
  readonly count: number;
  /** Whether the last line lacks its line end: the file ended so, or reading stopped there. */
  readonly partial: boolean;
  /**
   * How many bytes were left out of a line longer than `maxLine`. When above 0, `bytes` holds the
   * beginning of that one line, with a line end put behind it.
   */
  readonly cut: number;
}

/** One parsed record, which multiline may have joined from several lines. */
export interface LogRecord {
  readonly file: FollowedFile;
  readonly offset: number;
  readonly next: number;
  /** The record as it was written, without its line end. */
  readonly text: string;
  /** What the format found in it; undefined for raw lines. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
  /** Whether `text` is a JSON object and `fields` what is in it. */
  readonly isJson: boolean;
  /** The record's own time, or else when it was read; milliseconds since the epoch. */
  readonly time: number;
}

/** Where whole lines go. */
export interface LineConsumer {
  /**
   * Takes lines, always all of them.
   * @returns false when it is full now: give it nothing more until it calls `resume`
   */
  take(lines: Lines): boolean;
}

/** Says that everything of a file before `offset` has reached every required output. */
export type Acknowledge = (file: FollowedFile, offset: number) => void;
