import type { Environment } from '../core/config/environment.ts';

/** What a command may touch of the world; tests give it another one. */
export interface Terminal {
  /** Writes a result to standard output, with a line end added. */
  print(text: string): void;
  /** Writes a complaint or a hint to standard error, with a line end added. */
  complain(text: string): void;
  readonly environment: Environment;
  /** Standard input. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** 0 well, 1 failed while running, 2 wrong usage or config. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  /** What `--help` prints: usage, options, an example. */
  readonly help: string;
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
  /** Commands below this one, by the name that comes first among its arguments. */
  readonly tools?: Commands;
}

/** Commands by name, each loaded only when it is called. */
export type Commands = Readonly<Record<string, () => Promise<{ command: Command }>>>;
