import { readArgs, usageError } from './args.ts';
import type { Command } from './command.ts';
import { runDemo } from './demo/demo.ts';
import { watchEndSignals } from './signals.ts';

const defaultPort = 7180;

export const command: Command = {
  help: `podmates demo [--seconds N] [--port N]

Runs an example app with log-tail, ambassador and adapter beside it, and callers who may and may
not come in, on this machine; with a live page to look at. Ctrl-C ends it. At the end it says
whether every line came out once, no refused request reached the app, and the app's numbers stand
in the metrics page: exit 0 only if so.

  --seconds N   end by itself after this time
  --port N      of the live page (default ${defaultPort}, or any other when that is taken)`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      seconds: { type: 'string' },
      port: { type: 'string' },
    });
    if (positionals.length > 0) throw usageError(`unexpected argument "${positionals[0]}"`);
    const seconds = readNumber('--seconds', values.seconds, 1, 86_400);
    const port = readNumber('--port', values.port, 0, 65_535);
    const interrupt = new AbortController();
    const signals = watchEndSignals();
    void signals.first.then(() => interrupt.abort());
    try {
      const kept = await runDemo({
        terminal,
        port: port ?? defaultPort,
        otherwiseAnyPort: port === undefined,
        seconds,
        interrupt: interrupt.signal,
      });
      return kept ? 0 : 1;
    } finally {
      signals.release();
    }
  },
};

function readNumber(
  flag: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw usageError(`${flag}: expected a whole number from ${least} to ${most} (got "${text}")`);
}
