import { readFile } from 'node:fs/promises';
import { readConfig, type SectionName } from '../core/config/load.ts';
import { ConfigError, describeError, gatherProblems, PodmatesError } from '../core/errors.ts';
import { type Part, startInOrder } from '../core/lifecycle.ts';
import {
  createLogger,
  type LogFormat,
  type Logger,
  type LogLevel,
  logLevels,
} from '../core/logger.ts';
import { readArgs, refuseArguments, usageError } from './args.ts';
import type { ExitCode, Terminal } from './command.ts';
import { type Hosted, host, reloadOnChange } from './hosted.ts';
import { type KindName, kindOfSection, sectionOfKind } from './kinds.ts';
import { settleSoon } from './settle.ts';
import { type EndSignals, watchEndSignals } from './signals.ts';

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
  refuseArguments(positionals, only);
  const file = values.config;
  const text = await readConfigFile(file);
  return serveText({ ...values, file, text, watch: true }, terminal, only);
}

export interface ServedText {
  /** The file's name as errors show it. */
  readonly file: string;
  readonly text: string;
  /** Whether the file is there, and followed through changes. */
  readonly watch: boolean;
  readonly 'log-level': string;
  readonly 'log-format': string;
}

/** Runs the containers of a config's text until a signal. */
export async function serveText(
  { file, text, watch, ...flags }: ServedText,
  terminal: Terminal,
  only?: KindName,
): Promise<ExitCode> {
  const { environment } = terminal;
  const logger = await createLogger({
    name: only ?? 'podmates',
    ...readLogFlags(flags['log-level'], flags['log-format']),
  });
  const source = readConfig({ text, file, environment });
  const sections: readonly SectionName[] = only ? [sectionOfKind(only)] : source.present;
  if (sections.length === 0) {
    if (source.problems.length > 0) throw new ConfigError(source.problems);
    throw usageError(`${file} has no section to run`);
  }
  const hosted = await gatherProblems(
    sections.map((section) => () => host(kindOfSection(section), source, logger)),
  );
  const signals = watchEndSignals(); // one that comes during the start is honoured when that is over
  const stopReloading = watch
    ? reloadOnChange({ file, text, environment, logger, hosted })
    : () => {};
  try {
    return await runUntilSignal(hosted, signals, logger);
  } finally {
    stopReloading();
    signals.release();
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

/** @throws PodmatesError ERR_USAGE that names the file */
export async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = `cannot read the config file ${file}: ${describeError(error)}; name one with -c FILE`;
    throw new PodmatesError('ERR_USAGE', reason, { cause: error });
  }
}

type Runnable = Pick<Hosted, 'name' | 'container'>;

/** Starts containers in order; stops them in reverse at a signal, or when one of them is finished. */
async function runUntilSignal(
  hosted: readonly Runnable[],
  signals: EndSignals,
  logger: Logger,
): Promise<ExitCode> {
  await startInOrder(hosted.map(({ name, container }) => announced(name, container, logger)));
  const finished = hosted.flatMap(({ name, container }) =>
    container.finished === undefined ? [] : [container.finished.then(() => `${name} is done`)],
  );
  settleSoon();
  logger.info({ reason: await Promise.race([signals.first, ...finished]) }, 'stopping');
  let code: ExitCode = 0;
  for (const { name, container } of [...hosted].reverse()) {
    const { left } = await container.stop();
    for (const what of left) logger.error({ container: name }, `not finished: ${what}`);
    if (left.length > 0) code = 1;
  }
  logger.info({ code }, 'stopped');
  return code;
}

function announced(name: KindName, container: Runnable['container'], logger: Logger): Part {
  return {
    async start() {
      await container.start();
      logger.info({ container: name, addresses: container.addresses() }, `${name} started`);
    },
    // Asked only when another one cannot start: there is nothing to finish.
    stop: () => container.stop(AbortSignal.abort()),
  };
}
