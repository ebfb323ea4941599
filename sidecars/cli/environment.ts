import type { Environment } from '../core/config/environment.ts';

/** The process environment; the command line hands it on, nothing else reads it. */
export function readEnvironment(): Environment {
  return process.env;
}
