import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../core/config/suggest.ts';
import { describeError, PodmatesError } from '../core/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses the arguments of a command.
 * @throws PodmatesError ERR_USAGE that says which argument is wrong, and what was probably meant
 */
export function readArgs<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(explain(error, Object.keys(options)));
  }
}

function explain(error: unknown, known: readonly string[]): string {
  const text = describeError(error);
  const unknown = /Unknown option '(-{1,2}[^']+)'/.exec(text)?.[1];
  if (unknown === undefined) return text.split('. To specify')[0] ?? text;
  const flags = known.map((name) => `--${name}`);
  return `unknown option ${unknown}${didYouMean(unknown, flags)}`;
}

/**
 * For a command that takes options only, but may have others below it.
 * @throws PodmatesError ERR_USAGE
 */
export function refuseArguments([first]: readonly string[], command: string | undefined): void {
  if (first === undefined) return;
  const mend =
    command === undefined ? '' : `; name what it is to do first: podmates ${command} ${first}`;
  throw usageError(`unexpected argument "${first}"${mend}`);
}

/** The error of a command that was called in a way it does not have. */
export function usageError(message: string): PodmatesError {
  return new PodmatesError('ERR_USAGE', message);
}
