/** The codes that errors of podmates carry, stable across releases. */
export type ErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_USAGE'
  | 'ERR_SECRET'
  | 'ERR_MODULE'
  | 'ERR_LISTEN'
  | 'ERR_HTTP'
  | 'ERR_TIMEOUT'
  | 'ERR_TOO_LARGE'
  | 'ERR_CLOSED'
  | 'ERR_IO';

/** Base of every error that podmates raises on purpose: a stable code, and the cause kept. */
export class PodmatesError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PodmatesError';
    this.code = code;
  }
}

/** One thing wrong with a config file, with the place to mend it. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, such as `adapter.sources.app.metrics[2].scale`; empty for syntax errors. */
  readonly path: string;
  readonly message: string;
  /** The environment variable that is not set, where that is what is wrong. */
  readonly variable?: string;
}

/** Renders a problem as `FILE:LINE:COLUMN: path: message`, which editors and terminals make a link of. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const place = `${file}:${line}:${column}: `;
  return path === '' ? place + message : `${place}${path}: ${message}`;
}

/** A config file that cannot be used; carries all of its problems at once. */
export class ConfigError extends PodmatesError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('ERR_CONFIG', problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Does each of `tasks`, so that one file's errors are all said at once.
 * @throws ConfigError with the problems of every task that found some, each problem once
 */
export async function gatherProblems<T>(tasks: readonly (() => T | Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const problems = new Map<string, Problem>();
  for (const task of tasks) {
    try {
      results.push(await task());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(formatProblem(problem), problem);
    }
  }
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  return results;
}

/** The text of anything that was thrown, with the causes that explain it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message || ('code' in error ? String(error.code) : error.name);
  if (error.cause === undefined) return text;
  const cause = describeError(error.cause);
  return text.includes(cause) ? text : `${text}: ${cause}`;
}
