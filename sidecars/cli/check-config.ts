import { type ConfigText, readConfig, sectionNames } from '../core/config/load.ts';
import { ConfigError, gatherProblems, type Problem } from '../core/errors.ts';
import { kindOfSection, withKind } from './kinds.ts';

/** Everything that is wrong with a podmates.yaml, over all of its sections. */
export async function checkConfig(config: ConfigText): Promise<readonly Problem[]> {
  try {
    const source = readConfig(config);
    const { file, present, problems } = source;
    if (present.length === 0) {
      const message = `no section; add one or more of ${sectionNames.join(', ')}`;
      return problems.length > 0 ? problems : [{ file, line: 1, column: 1, path: '', message }];
    }
    await gatherProblems(
      present.map((section) => () => {
        return withKind(kindOfSection(section), ({ schema }) => source.section(section, schema));
      }),
    );
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
