import { type DestinationStream, type Logger, pino } from 'pino';
import { gatherLines } from './gather-lines.ts';

export type { Logger };

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'json' | 'pretty';

export interface LoggerOptions {
  /** Name of the container, in every line. */
  readonly name: string;
  /** By default `info`. */
  readonly level?: LogLevel;
  /** By default `json`. */
  readonly format?: LogFormat;
}

const secretKeys = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'clientSecret',
  'apiKey',
  'proxyAuthorization',
];

/**
 * Diagnostics as JSON lines (or for people) on standard error, never on standard output: that one
 * belongs to the lines which log-tail passes on. Fields that hold secrets by name are masked.
 */
export async function createLogger({
  name,
  level = 'info',
  format = 'json',
}: LoggerOptions): Promise<Logger> {
  return pino(
    {
      name,
      level,
      redact: {
        paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '(secret)',
      },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    await openStandardError(format),
  );
}

async function openStandardError(format: LogFormat): Promise<DestinationStream> {
  const stderr = pino.destination({ fd: 2, sync: true });
  if (format === 'json') {
    const gathered = gatherLines(stderr, pino.levels.values['info'] ?? 0);
    process.on('exit', gathered.flush);
    return gathered;
  }
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: stderr, ignore: 'pid,hostname', colorize: process.stderr.isTTY });
}
