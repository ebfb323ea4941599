import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { draftConfig, readSample, type Sample } from '../../adapter/index.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import { createHttpClient } from '../../core/http/client.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  help: `podmates adapter suggest [--samples N] [--interval S] [--prefix P] [--name N] URL|FILE...

Drafts a mapping from a live document and prints it as a podmates.yaml that says in comments why
each metric is what it is. Numbers that rise from sample to sample are taken for counters.

  --samples N    how often a URL is asked (default 3; of files, each is a sample)
  --interval S   seconds between samples (default 1)
  --prefix P     in front of every name, as in shop_
  --name N       name of the source (default app)
  -H, --header H to send with each request, as in 'Authorization: Bearer …'; not in the config

  podmates adapter suggest http://127.0.0.1:8080/stats > podmates.yaml`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      samples: { type: 'string', default: '3' },
      interval: { type: 'string', default: '1' },
      prefix: { type: 'string', default: '' },
      name: { type: 'string', default: 'app' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
    });
    const [first] = positionals;
    if (first === undefined) throw usageError('name a URL or a file');
    const isUrl = /^https?:\/\//.test(first);
    if (isUrl && URL.canParse(first) && new URL(first).username !== '') {
      throw usageError('a URL must not carry credentials; send them with -H, as in --help');
    }
    const count = readCount('samples', values.samples);
    const intervalMs = readCount('interval', values.interval) * 1000;
    const samples = isUrl
      ? await askSeveral(first, { count, intervalMs, headers: readHeaders(values.header) })
      : await Promise.all(positionals.map(readFileSample));
    const several = samples.some((sample) => sample.several);
    const draft = draftConfig({
      documents: samples.map(({ document }) => document),
      source: {
        ...(isUrl ? { url: first } : { file: first }),
        ...(several ? { format: 'ndjson' } : {}),
      },
      name: values.name,
      prefix: values.prefix,
    });
    if (draft === undefined) {
      terminal.complain('podmates: there is no number, state or version to make metrics of');
      return 1;
    }
    terminal.print(draft.trimEnd());
    return 0;
  },
};

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (Number.isFinite(count) && count >= 0 && text.trim() !== '') return count;
  throw usageError(`--${option}: expected a number (got "${text}")`);
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map((line) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw usageError(`--header: expected "Name: value" (got "${line}")`);
    }
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(pairs);
}

interface Asking {
  readonly count: number;
  readonly intervalMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

async function askSeveral(url: string, { count, intervalMs, headers }: Asking): Promise<Sample[]> {
  const client = createHttpClient({
    target: { headers: { accept: 'application/json', ...headers }, timeout: 10_000 },
  });
  const samples: Sample[] = [];
  try {
    for (let turn = 0; turn < Math.max(1, count); turn++) {
      if (turn > 0) await pause(intervalMs);
      const { status, body } = await client.request({ url, maxBytes: 64 * 1024 * 1024 });
      if (status !== 200) throw new PodmatesError('ERR_HTTP', `${url} answered ${status}`);
      samples.push(read(body.toString('utf8'), url));
    }
    return samples;
  } finally {
    await client.close();
  }
}

async function readFileSample(file: string): Promise<Sample> {
  try {
    return read(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof PodmatesError) throw error;
    const mend = /^[\w.[\]-]+:\d+(\/|$)/.test(file)
      ? '; a URL begins with http:// or https://'
      : '';
    throw new PodmatesError('ERR_IO', `cannot read ${file}: ${describeError(error)}${mend}`, {
      cause: error,
    });
  }
}

function read(text: string, place: string): Sample {
  try {
    return readSample(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new PodmatesError('ERR_IO', `${place}: ${describeError(error)}`, { cause: error });
  }
}
