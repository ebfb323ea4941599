import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates ambassador [-c FILE]

Runs the section "ambassador:" of the config file.

${serveHelp}`,
  run: (args, terminal) => serve(args, terminal, 'ambassador'),
};
