import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';
import { readSecret } from '../secret-input.ts';

/** Fewer can be guessed; the hash is a fast one. */
const minKeyLength = 20;

export const command: Command = {
  help: `podmates ambassador hash-key NAME [options]

Prints an entry for the key file of "type: apiKey". The key comes from standard input (or is asked
for), never from an argument.

  -g, --generate       make a new key, and print it once on standard error
      --group NAME     a group of whoever has the key; may be repeated
      --scope NAME     a scope; may be repeated
      --expires TIME   when it ends, such as 2027-01-31T00:00:00Z

  podmates ambassador hash-key billing --generate --group editors >> keys.yaml`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      generate: { type: 'boolean', short: 'g', default: false },
      group: { type: 'string', multiple: true, default: [] },
      scope: { type: 'string', multiple: true, default: [] },
      expires: { type: 'string' },
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) {
      throw usageError('name whoever has the key, once; the key itself comes from standard input');
    }
    if (values.expires !== undefined && !/^\d{4}-\d\d-\d\dT/.test(values.expires)) {
      throw usageError('--expires: expected a time such as 2027-01-31T00:00:00Z');
    }
    const key = values.generate
      ? randomBytes(32).toString('base64url')
      : await readSecret(terminal, 'key');
    if (key.length < minKeyLength) {
      throw usageError(`a key of less than ${minKeyLength} characters is guessed; try --generate`);
    }
    const { hashKey } = await import('../../ambassador/index.ts');
    const { group: groups, scope: scopes, expires } = values;
    const entry = {
      name,
      hash: hashKey(key),
      ...(groups.length > 0 && { groups }),
      ...(scopes.length > 0 && { scopes }),
      ...(expires !== undefined && { expires }),
    };
    if (values.generate) terminal.complain(`the key of ${name}, shown only now: ${key}`);
    terminal.print(stringify([entry]).trimEnd());
    return 0;
  },
};
