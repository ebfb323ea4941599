import { readFile } from 'node:fs/promises';
import { describeError, formatProblem, type Problem } from '../core/errors.ts';
import { readArgs, usageError } from './args.ts';
import { checkConfig } from './check-config.ts';
import type { Command, Terminal } from './command.ts';

export const command: Command = {
  help: `podmates check [--json] FILE...

Validates config files and prints every error with its place. Exits 0 when all are well, else 2.

  --json   the problems as a JSON list of {file, line, column, path, message}`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean', default: false } });
    if (positionals.length === 0) throw usageError('name a config file to check');
    const problems: Problem[] = [];
    for (const file of positionals) problems.push(...(await checkFile(file, terminal)));
    if (values.json) terminal.print(JSON.stringify(problems, null, 2));
    else if (problems.length === 0) terminal.print(`${positionals.join(', ')}: well`);
    else for (const problem of problems) terminal.complain(formatProblem(problem));
    return problems.length === 0 ? 0 : 2;
  },
};

async function checkFile(file: string, { environment }: Terminal): Promise<readonly Problem[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return [{ file, line: 1, column: 1, path: '', message: describeError(error) }];
  }
  return checkConfig({ text, file, environment });
}
