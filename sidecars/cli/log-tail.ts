import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates log-tail [-c FILE]

Runs the section "logTail:" of the config file.

${serveHelp}`,
  run: (args, terminal) => serve(args, terminal, 'log-tail'),
};
