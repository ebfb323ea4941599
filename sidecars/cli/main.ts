import { didYouMean } from '../core/config/suggest.ts';
import { ConfigError, describeError, PodmatesError } from '../core/errors.ts';
import { readVersion } from '../core/version.ts';
import type { Command, Commands, ExitCode, Terminal } from './command.ts';

const commands: Commands = {
  adapter: () => import('./adapter.ts'),
  ambassador: () => import('./ambassador.ts'),
  'log-tail': () => import('./log-tail.ts'),
  run: () => import('./run.ts'),
  check: () => import('./check.ts'),
  schema: () => import('./schema.ts'),
  inject: () => import('./inject.ts'),
  demo: () => import('./demo.ts'),
};

const help = `podmates: containers that ride beside an app in its pod

  podmates log-tail [-c FILE]     follow the app's log files and ship the lines
  podmates ambassador [-c FILE]   judge every request, forward those that may
  podmates adapter [-c FILE]      turn the app's JSON stats into Prometheus metrics
  podmates run [-c FILE]          every section of the file in one process
  podmates check FILE...          validate config files
  podmates schema                 print the JSON Schema of the config file
  podmates inject FILE...         put the containers into manifests, or take them out
  podmates demo                   a pod on this machine, with a live page to look at
  podmates COMMAND --help         more on a command
  podmates --version

Exit codes: 0 well, 1 failed while running, 2 wrong usage or config.`;

/** Runs one command line; never throws, so that the exit code is always one of the promised. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = args;
  try {
    if (name === '--version' || name === '-v') return printAndExit(terminal, readVersion());
    if (name === '--help' || name === '-h' || name === 'help') return printAndExit(terminal, help);
    if (name === undefined) throw new PodmatesError('ERR_USAGE', `name a command\n\n${help}`);
    const { command: top } = await find(name, commands, name);
    const { command, args: own } = await descend(name, top, rest);
    if (own.includes('--help') || own.includes('-h')) return printAndExit(terminal, command.help);
    return await command.run(own, terminal);
  } catch (error) {
    return complain(terminal, error);
  }
}

/** From a command to the one below it that its first argument names; it has no other arguments. */
async function descend(name: string, command: Command, args: readonly string[]) {
  const [below, ...rest] = args;
  const { tools } = command;
  if (tools === undefined || below === undefined || below.startsWith('-')) return { command, args };
  return { ...(await find(below, tools, `${name} ${below}`)), args: rest };
}

/** @throws PodmatesError ERR_USAGE when there is none of that name */
async function find(name: string, among: Commands, called: string): Promise<{ command: Command }> {
  const load = Object.hasOwn(among, name) ? among[name] : undefined;
  if (load !== undefined) return load();
  const near = didYouMean(name, Object.keys(among));
  throw new PodmatesError('ERR_USAGE', `unknown command "${called}"${near}`);
}

function printAndExit(terminal: Terminal, text: string): ExitCode {
  terminal.print(text);
  return 0;
}

function complain(terminal: Terminal, error: unknown): ExitCode {
  if (error instanceof ConfigError) {
    terminal.complain(error.message);
    return 2;
  }
  terminal.complain(`podmates: ${describeError(error)}`);
  return error instanceof PodmatesError && error.code === 'ERR_USAGE' ? 2 : 1;
}
