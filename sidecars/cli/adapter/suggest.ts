import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { draftConfig } from '../../adapter/index.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import { createHttpClient } from '../../core/http/client.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Terminal } from '../command.ts';

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
    const count = readCount('samples', values.samples);
    const intervalMs = readCount('interval', values.interval) * 1000;
    const documents = isUrl
      ? await askSeveral(first, { count, intervalMs, headers: readHeaders(values.header) })
      : await Promise.all(positionals.map(readDocument));
    terminal.print(
      draftConfig({
        documents,
        source: isUrl ? { url: first } : { file: first },
        name: values.name,
        prefix: values.prefix,
      }).trimEnd(),
    );
    return explain(documents, terminal);
  },
};

function explain(documents: readonly unknown[], terminal: Terminal): 0 | 1 {
  if (documents.some((document) => typeof document === 'object' && document !== null)) return 0;
  terminal.complain('podmates: the document is a bare value; there is nothing to make metrics of');
  return 1;
}

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

async function askSeveral(url: string, { count, intervalMs, headers }: Asking): Promise<unknown[]> {
  const client = createHttpClient({
    target: { headers: { accept: 'application/json', ...headers }, timeout: 10_000 },
  });
  const documents: unknown[] = [];
  try {
    for (let turn = 0; turn < Math.max(1, count); turn++) {
      if (turn > 0) await pause(intervalMs);
      const { status, body } = await client.request({ url, maxBytes: 64 * 1024 * 1024 });
      if (status !== 200) throw new PodmatesError('ERR_HTTP', `${url} answered ${status}`);
      documents.push(parse(body.toString('utf8'), url));
    }
    return documents;
  } finally {
    await client.close();
  }
}

async function readDocument(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof PodmatesError) throw error;
    throw new PodmatesError('ERR_IO', `cannot read ${file}: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PodmatesError('ERR_IO', `${place} is no JSON: ${describeError(error)}`, {
      cause: error,
    });
  }
}
