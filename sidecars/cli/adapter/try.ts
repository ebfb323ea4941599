import {
  type AdapterConfig,
  adapterSchema,
  collectOnce,
  lintPage,
  replaceSource,
} from '../../adapter/index.ts';
import { createLogger } from '../../core/logger.ts';
import { createMetrics } from '../../core/metrics.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, ExitCode, Terminal } from '../command.ts';
import { loadSection } from '../load-section.ts';

export const command: Command = {
  help: `podmates adapter try [-c FILE] [--source NAME] [--json] [SAMPLE|URL]

Prints the page that Prometheus would see, and on standard error what is wrong with it: sources that
fail, samples that have no place, the rules of promtool, and what promtool misses (samples that stand
twice, families in several places).

  -c, --config FILE   the config file (default /etc/podmates/podmates.yaml)
      --source NAME   the source that SAMPLE or URL stands in for, when there are several; of a
                      preset, with the endpoint: nats/varz
      --json          {page, sources, findings} as JSON

  podmates adapter try -c podmates.yaml stats.json

Exits 1 when a source failed, or when samples were dropped or lost.`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      config: { type: 'string', short: 'c', default: '/etc/podmates/podmates.yaml' },
      source: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 1) throw usageError(`unexpected argument "${positionals[1]}"`);
    const config = await loadSection(values.config, 'adapter', adapterSchema, terminal.environment);
    const tried = replaceSource(config, values.source, positionals[0]);
    if (typeof tried === 'string') throw usageError(tried);
    return show(tried, values.json, terminal);
  },
};

async function show(config: AdapterConfig, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const logger = await createLogger({ name: 'adapter', level: 'silent', format: 'json' });
  const surroundings = { logger, metrics: createMetrics('adapter') };
  const { text, sources, conflicts } = await collectOnce(
    config,
    surroundings,
    AbortSignal.timeout(60_000),
  );
  const findings = lintPage(text);
  const lost = conflicts.length > 0 || findings.some(({ severity }) => severity === 'error');
  const failed = sources.some(({ error, dropped }) => error !== undefined || dropped.some(isLoud));
  if (json) {
    terminal.print(JSON.stringify({ page: text, sources, conflicts, findings }, null, 2));
    return lost || failed ? 1 : 0;
  }
  if (text !== '') terminal.print(text.trimEnd());
  else if (!failed) terminal.complain('every source answered, and no metric came of it');
  for (const { name, error, dropped } of sources) {
    if (error !== undefined) terminal.complain(`${name}: failed: ${error}`);
    for (const { reason, metric, detail } of dropped.filter(isLoud).slice(0, 50)) {
      terminal.complain(`${name}: dropped (${reason}): ${metric} ${detail}`);
    }
  }
  for (const conflict of conflicts) terminal.complain(conflict);
  for (const { severity, line, metric, message } of findings) {
    terminal.complain(`${severity}: line ${line}: ${metric}: ${message}`);
  }
  return lost || failed ? 1 : 0;
}

function isLoud({ quiet }: { readonly quiet?: boolean }): boolean {
  return quiet !== true;
}
