#!/usr/bin/env node
import { readEnvironment } from './environment.ts';
import { main } from './main.ts';
import { endEarly } from './signals.ts';

endEarly();

// Whoever reads a pipe may have seen enough, as `| head` has.
process.stdout.on('error', () => process.exit());
process.exitCode = await main(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  environment: readEnvironment(),
  input: process.stdin,
});
// Whatever a library still holds open must not keep a container that has done its part.
setTimeout(() => process.exit(), 1000).unref();
