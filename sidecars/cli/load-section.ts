import type { ZodType } from 'zod';
import type { Environment } from '../core/config/environment.ts';
import { readConfig, type SectionName } from '../core/config/load.ts';
import { readConfigFile } from './serve.ts';

/**
 * Reads one section of a config file, for commands that look at it without running it.
 * @throws PodmatesError ERR_USAGE when the file cannot be read, ConfigError when it is wrong
 */
export async function loadSection<T>(
  file: string,
  name: SectionName,
  schema: ZodType<T>,
  environment: Environment,
): Promise<T> {
  const text = await readConfigFile(file);
  return readConfig({ text, file, environment }).section(name, schema);
}
