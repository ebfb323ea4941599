import type { Command } from './command.ts';
import { serve, serveHelp } from './serve.ts';

export const command: Command = {
  help: `podmates ambassador [-c FILE]

Runs the section "ambassador:" of the config file.

  podmates ambassador explain METHOD PATH             what would become of a request, and why
  podmates ambassador hash-key NAME                   an entry for the key file
  podmates ambassador hash-password USER              a line for the password file

${serveHelp}`,
  tools: {
    explain: () => import('./ambassador/explain.ts'),
    'hash-key': () => import('./ambassador/hash-key.ts'),
    'hash-password': () => import('./ambassador/hash-password.ts'),
  },
  run: (args, terminal) => serve(args, terminal, 'ambassador'),
};
