import { readFile } from 'node:fs/promises';
import { convertJsonExporter, writeProbeConfig, writeSourceConfig } from '../../adapter/index.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  help: `podmates adapter convert [--module NAME --url URL] [--strict] FILE

Rewrites a config of json_exporter, its kubectl JSONPath included, and prints it. What cannot be
converted, or becomes something else, is said on standard error with its line.

Without options, the modules are asked for as before: /probe?module=NAME&target=URL.

  --module NAME   only this module, as a source that is asked at each scrape of /metrics
  --url URL       the URL of that source
  --strict        exit 1 when something was left out or needs a look

Exits 1 when nothing could be converted.`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      module: { type: 'string' },
      url: { type: 'string' },
      strict: { type: 'boolean', default: false },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw usageError('name the json_exporter config');
    const converted = convertText(await readText(file), file);
    for (const { line, column, message } of converted.notes) {
      terminal.complain(`${file}:${line}:${column}: ${message}`);
    }
    if (Object.keys(converted.modules).length === 0) return 1;
    terminal.print(write(converted, values.module, values.url).trimEnd());
    return values.strict && converted.notes.length > 0 ? 1 : 0;
  },
};

type Converted = ReturnType<typeof convertJsonExporter>;

function write(converted: Converted, name: string | undefined, url: string | undefined): string {
  if (name === undefined && url === undefined) return writeProbeConfig(converted);
  const names = Object.keys(converted.modules);
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const module = wanted === undefined ? undefined : converted.modules[wanted];
  if (wanted === undefined || module === undefined) {
    throw usageError(`--module: expected one of ${names.join(', ')}`);
  }
  if (url === undefined) throw usageError('--module needs the --url that it is asked at');
  return writeSourceConfig(wanted, module, url);
}

function convertText(text: string, file: string): Converted {
  try {
    return convertJsonExporter(text);
  } catch (error) {
    throw new PodmatesError('ERR_USAGE', `${file}: ${describeError(error)}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PodmatesError('ERR_USAGE', `cannot read ${file}: ${describeError(error)}`, {
      cause: error,
    });
  }
}
