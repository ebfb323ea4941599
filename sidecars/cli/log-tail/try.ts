import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { didYouMean } from '../../core/config/suggest.ts';
import { describeError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { createMetrics } from '../../core/metrics.ts';
import {
  type LogTailConfig,
  logTailSchema,
  type Rehearsal,
  rehearse,
} from '../../log-tail/index.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, ExitCode, Terminal } from '../command.ts';
import { loadSection } from '../load-section.ts';

export const command: Command = {
  help: `podmates log-tail try [-c FILE] [--input NAME] [--json] SAMPLE

Shows what would come of the log file SAMPLE, or with "-" of standard input: the records that each output would get, and the metrics
that would be made of them. Sends nothing and changes nothing.

  -c, --config FILE   the config file (default /etc/podmates/podmates.yaml)
      --input NAME    the input that SAMPLE stands for, when there are several
      --json          {lines, unparsed, outputs: {NAME: [{line, time, fields}]}, metrics} as JSON

  podmates log-tail try -c podmates.yaml app.log

Exits 1 when records are not of the format of their input.`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      config: { type: 'string', short: 'c', default: '/etc/podmates/podmates.yaml' },
      input: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const [path, unexpected] = positionals;
    if (path === undefined) throw usageError('name a sample log file');
    if (unexpected !== undefined) throw usageError(`unexpected argument "${unexpected}"`);
    const config = await loadSection(values.config, 'logTail', logTailSchema, terminal.environment);
    const result = await rehearse(config, {
      input: pickInput(config, values.input),
      path,
      sample: await readSample(path, terminal),
      logger: await createLogger({ name: 'log-tail', level: 'warn', format: 'pretty' }),
      metrics: createMetrics('log-tail'),
    });
    if (values.json) terminal.print(JSON.stringify(result, null, 2));
    else show(result, terminal);
    return exitCode(result);
  },
};

function pickInput({ inputs }: LogTailConfig, wanted: string | undefined): string {
  const names = Object.keys(inputs);
  const [first = ''] = names;
  if (wanted === undefined) {
    if (names.length === 1) return first;
    throw usageError(`name one of the inputs with --input: ${names.join(', ')}`);
  }
  if (names.includes(wanted)) return wanted;
  throw usageError(`there is no input "${wanted}"${didYouMean(wanted, names)}`);
}

async function readSample(path: string, { input }: Terminal): Promise<Buffer> {
  try {
    return path === '-' ? await buffer(input) : await readFile(path);
  } catch (error) {
    throw usageError(`cannot read the sample ${path}: ${describeError(error)}`);
  }
}

/** Results to standard output; what is about them, and what is wrong, to standard error. */
function show({ outputs, metrics, lines, unparsed }: Rehearsal, terminal: Terminal): void {
  for (const [name, records] of Object.entries(outputs)) {
    terminal.complain(`${name}: ${records.length} of ${lines} lines`);
    for (const { line } of records) terminal.print(line);
  }
  if (metrics !== '') terminal.print(`\n${metrics.trimEnd()}`);
  if (unparsed > 0) {
    terminal.complain(
      `${unparsed} records are not of the format of their input; they go on as text`,
    );
  }
}

function exitCode({ unparsed }: Rehearsal): ExitCode {
  return unparsed > 0 ? 1 : 0;
}
