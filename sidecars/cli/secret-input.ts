import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { usageError } from './args.ts';
import type { Terminal } from './command.ts';

/**
 * Reads one secret: from a person who is asked for it, twice and without echo, or else the first
 * line of standard input. Never from an argument, which every user of the machine can read.
 *
 * @throws PodmatesError ERR_USAGE when there is none, or the second one differs
 */
export async function readSecret(terminal: Terminal, what: string): Promise<string> {
  const lines = createInterface({
    input: terminal.input,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: terminal.input.isTTY === true,
  });
  try {
    if (terminal.input.isTTY !== true) return oneOf(await firstLine(lines), what);
    const ask = async (prompt: string) => {
      terminal.complain(prompt);
      return lines.question('');
    };
    const first = oneOf(await ask(`${what} (not shown): `), what);
    if ((await ask('the same again: ')) !== first) throw usageError('they differ; nothing is made');
    return first;
  } finally {
    lines.close();
  }
}

async function firstLine(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line;
  return '';
}

function oneOf(text: string, what: string): string {
  if (text === '')
    throw usageError(`no ${what} on standard input; pipe it in, or run this in a terminal`);
  return text;
}
