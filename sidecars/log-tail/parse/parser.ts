/** What a format finds in the text of a record; undefined when the text is not of that format. */
export type Parser = (text: string) => Record<string, unknown> | undefined;

/** What a container runtime wrote around a line. */
export interface Unwrapped {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number | undefined;
  readonly stream: string;
  /** Whether the runtime cut the line here and goes on with it in its next one. */
  readonly partial: boolean;
}

/** Takes off what a container runtime put around a line; undefined when nothing is around it. */
export type Unwrapper = (line: string) => Unwrapped | undefined;
