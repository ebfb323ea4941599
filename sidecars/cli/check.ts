import { readFile } from 'node:fs/promises';
import { readConfig, sectionNames } from '../core/config/load.ts';
import {
  ConfigError,
  describeError,
  formatProblem,
  gatherProblems,
  type Problem,
} from '../core/errors.ts';
import { readArgs, usageError } from './args.ts';
import type { Command, Terminal } from './command.ts';
import { kindOfSection, withKind } from './kinds.ts';

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

const noSection = `no section; add one or more of ${sectionNames.join(', ')}`;

async function checkFile(file: string, { environment }: Terminal): Promise<readonly Problem[]> {
  try {
    const source = readConfig({ text: await readFile(file, 'utf8'), file, environment });
    const { present, problems } = source;
    if (present.length === 0)
      throw problems.length > 0 ? new ConfigError(problems) : usageError(noSection);
    await gatherProblems(
      present.map((section) => () => {
        return withKind(kindOfSection(section), ({ schema }) => source.section(section, schema));
      }),
    );
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    return [{ file, line: 1, column: 1, path: '', message: describeError(error) }];
  }
}
