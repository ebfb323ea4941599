import { adapterSchema, collectOnce } from '../../adapter/index.ts';
import { readConfig } from '../../core/config/load.ts';
import { createLogger } from '../../core/logger.ts';
import { createMetrics } from '../../core/metrics.ts';
import type { ExitCode, Terminal } from '../command.ts';

/** Collects once and prints the page; what failed goes to standard error. */
export async function printOnce(
  { text, file }: { readonly text: string; readonly file: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const { environment } = terminal;
  const config = readConfig({ text, file, environment }).section('adapter', adapterSchema);
  const logger = await createLogger({ name: 'adapter', level: 'silent', format: 'json' });
  const surroundings = { logger, metrics: createMetrics('adapter') };
  const page = await collectOnce(config, surroundings, AbortSignal.timeout(60_000));
  if (page.text !== '') terminal.print(page.text.trimEnd());
  const failed = page.sources.filter(({ error }) => error !== undefined);
  for (const { name, error } of failed) terminal.complain(`podmates: ${name}: ${error}`);
  if (page.text === '' && failed.length === 0) {
    terminal.complain('podmates: every source answered, and no metric came of it');
  }
  return failed.length > 0 ? 1 : 0;
}
