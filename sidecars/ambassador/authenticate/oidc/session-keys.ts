import type { Secret } from '../../../core/config/secret.ts';
import { PodmatesError } from '../../../core/errors.ts';

const minKeyLength = 32;

/** The keys in a secret, one on each line. @throws PodmatesError ERR_SECRET when it cannot be read */
export function readSessionKeys(secret: Secret): readonly string[] {
  return secret.read().split(/\r?\n/).filter(Boolean);
}

/** @throws PodmatesError ERR_SECRET when one of the keys could be guessed */
export function checkSessionKeys(secret: Secret, provider: string): void {
  const keys = readSessionKeys(secret);
  if (keys.length > 0 && keys.every((key) => key.length >= minKeyLength)) return;
  const mend = `each line needs ${minKeyLength} characters or more, as "openssl rand -base64 32" makes them`;
  throw new PodmatesError('ERR_SECRET', `auth.${provider}.session.key is too short: ${mend}`);
}
