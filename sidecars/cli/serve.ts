import { readFile } from 'node:fs/promises';
import { readConfig, type SectionName } from '../core/config/load.ts';
import { describeError, PodmatesError } from '../core/errors.ts';
import {
  createLogger,
  type LogFormat,
  type Logger,
  type LogLevel,
  logLevels,
} from '../core/logger.ts';
import { readArgs, usageError } from './args.ts';
import type { ExitCode, Terminal } from './command.ts';
import { type Hosted, host, reloadOnChange } from './hosted.ts';
import { type KindName, kindOfSection, sectionOfKind } from './kinds.ts';

export const serveOptions = {
  config: { type: 'string', short: 'c', default: '/etc/podmates/podmates.yaml' },
  'log-level': { type: 'string', default: 'info' },
  'log-format': { type: 'string', default: 'json' },
} as const;

export const serveHelp = `Options:
  -c, --config FILE    the config file (default /etc/podmates/podmates.yaml)
      --log-level L    trace, debug, info (default), warn, error or silent
      --log-format F   json (default) or pretty; diagnostics go to standard error

Signals: SIGTERM and SIGINT drain and exit 0 inside the deadline (1 past it, saying
what was left), a second one ends at once; SIGHUP reads the config file again.`;

/** Runs containers of one file until a signal: the named one, or every one that has a section. */
export async function serve(
  args: readonly string[],
  terminal: Terminal,
  only?: KindName,
): Promise<ExitCode> {
  const { values, positionals } = readArgs(args, serveOptions);
  if (positionals.length > 0) throw usageError(`unexpected argument "${positionals[0]}"`);
  const file = values.config;
  const { environment } = terminal;
  const logger = await createLogger({
    name: only ?? 'podmates',
    ...readLogFlags(values['log-level'], values['log-format']),
  });
  const text = await readText(file);
  const source = readConfig({ text, file, environment });
  const sections: readonly SectionName[] = only ? [sectionOfKind(only)] : source.present;
  if (sections.length === 0) throw usageError(`${file} has no section to run`);
  const hosted: Hosted[] = [];
  for (const section of sections) hosted.push(await host(kindOfSection(section), source, logger));
  const stopReloading = reloadOnChange({ file, text, environment, logger, hosted });
  try {
    return await runUntilSignal(hosted, logger);
  } finally {
    stopReloading();
  }
}

/** @throws PodmatesError ERR_USAGE */
export function readLogFlags(
  level: string,
  format: string,
): { level: LogLevel; format: LogFormat } {
  const known = logLevels.find((name) => name === level);
  if (known === undefined) throw usageError(`--log-level: expected one of ${logLevels.join(', ')}`);
  if (format !== 'json' && format !== 'pretty') {
    throw usageError('--log-format: expected json or pretty');
  }
  return { level: known, format };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = `cannot read the config file ${file}: ${describeError(error)}; name one with -c FILE`;
    throw new PodmatesError('ERR_USAGE', reason, { cause: error });
  }
}

type Runnable = Pick<Hosted, 'name' | 'container'>;

/** Starts containers in order; stops them in reverse at a signal, or when one of them is finished. */
async function runUntilSignal(hosted: readonly Runnable[], logger: Logger): Promise<ExitCode> {
  const signal = nextSignal();
  // A signal that comes during the start is honoured when the start is over.
  for (const { name, container } of hosted) {
    await container.start();
    logger.info({ container: name, addresses: container.addresses() }, `${name} started`);
  }
  const finished = hosted.map(({ name, container }) =>
    container.finished?.then(() => `${name} is done`),
  );
  const reason = await Promise.race([signal, ...finished.filter((one) => one !== undefined)]);
  logger.info({ reason }, 'stopping');
  process.once('SIGTERM', () => process.exit(1));
  process.once('SIGINT', () => process.exit(1));
  let code: ExitCode = 0;
  for (const { name, container } of [...hosted].reverse()) {
    const { left } = await container.stop();
    for (const what of left) logger.error({ container: name }, `not finished: ${what}`);
    if (left.length > 0) code = 1;
  }
  logger.info({ code }, 'stopped');
  return code;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => {}, 2 ** 30);
    const settle = (name: string) => {
      clearInterval(keepAlive);
      process.off('SIGTERM', settle);
      process.off('SIGINT', settle);
      resolve(name);
    };
    process.on('SIGTERM', settle);
    process.on('SIGINT', settle);
  });
}
