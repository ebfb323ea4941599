import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates log-tail [-c FILE]

Runs the section "logTail:" of the config file.

  podmates log-tail try SAMPLE   what would come of a log file, and the metrics made of it

${serveHelp}`,
  tools: { try: () => import('./log-tail/try.ts') },
  run: (args, terminal) => serve(args, terminal, 'log-tail'),
};
