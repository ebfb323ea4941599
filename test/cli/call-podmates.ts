import { Readable } from 'node:stream';
import type { ExitCode } from '../../sidecars/cli/command.ts';
import { main } from '../../sidecars/cli/main.ts';

export interface Called {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with this text on its standard input. */
export async function callPodmates(args: readonly string[], input = ''): Promise<Called> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await main(args, {
    print: (text) => stdout.push(`${text}\n`),
    complain: (text) => stderr.push(`${text}\n`),
    environment: {},
    input: Readable.from([input]),
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}
