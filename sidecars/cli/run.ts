import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates run [-c FILE]

Runs every section of the config file in one process, for pods that would rather pay for one.

${serveHelp}`,
  run: (args, terminal) => serve(args, terminal),
};
