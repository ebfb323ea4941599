import { PodmatesError } from '../../../core/errors.ts';
import { type HashKind, maxPasswordBytes } from './password-kind.ts';

/** About a quarter of a second of one core, where guessing is to be slow. */
const bcryptCost = 12;

/**
 * How a password stands in the password file: argon2id with the parameters of RFC 9106's second
 * choice for little memory (19 MiB, two passes), or bcrypt.
 *
 * @throws PodmatesError ERR_USAGE when the password is one that could not be checked
 */
export async function hashPassword(password: string, kind: HashKind): Promise<string> {
  const limit = maxPasswordBytes[kind];
  if (Buffer.byteLength(password) > limit || /[\x00-\x1f\x7f]/.test(password)) {
    const reason = `for ${kind} a password has at most ${limit} bytes and no control characters`;
    throw new PodmatesError('ERR_USAGE', reason);
  }
  if (kind === 'bcrypt') {
    const { hash } = await import('@node-rs/bcrypt');
    return hash(password, { cost: bcryptCost, version: '2y' });
  }
  const { hash } = await import('@node-rs/argon2');
  return hash(password);
}
