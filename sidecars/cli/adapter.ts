import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates adapter [-c FILE]

Runs the section "adapter:" of the config file.

${serveHelp}`,
  run: (args, terminal) => serve(args, terminal, 'adapter'),
};
