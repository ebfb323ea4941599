import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';
import { readSecret } from '../secret-input.ts';

export const command: Command = {
  help: `podmates ambassador hash-password USER [--algorithm argon2|bcrypt]

Prints a line for the password file of "type: htpasswd". The password comes from standard input (or
is asked for), never from an argument.

  --algorithm A   argon2 (argon2id, the default) or bcrypt, which other programs read as well

  podmates ambassador hash-password alice >> users.htpasswd`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      algorithm: { type: 'string', default: 'argon2' },
    });
    const { algorithm } = values;
    const [user, ...more] = positionals;
    if (user === undefined || more.length > 0) {
      throw usageError('name the user, once; the password comes from standard input');
    }
    if (/[:\x00-\x1f\x7f]/.test(user) || user.startsWith('#')) {
      throw usageError('a user name has no colon, no control characters, and no # at its begin');
    }
    if (algorithm !== 'argon2' && algorithm !== 'bcrypt') {
      throw usageError('--algorithm: expected argon2 or bcrypt');
    }
    const { hashPassword } = await import('../../ambassador/index.ts');
    const password = await readSecret(terminal, 'password');
    terminal.print(`${user}:${await hashPassword(password, algorithm)}`);
    return 0;
  },
};
