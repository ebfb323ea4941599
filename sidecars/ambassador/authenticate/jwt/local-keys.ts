import { createSecretKey } from 'node:crypto';
import type { Secret } from '../../../core/config/secret.ts';
import { describeError, PodmatesError } from '../../../core/errors.ts';
import { createFollowedFile } from '../followed-file.ts';
import type { ProviderContext } from '../provider.ts';
import { keyFits, type SignatureAlgorithm } from './algorithms.ts';
import type { JwtConfig } from './config.ts';
import { createKeyStore, parseJwks, type VerificationKey } from './key-store.ts';
import { checkCount, type Keys } from './keys.ts';

/** The keys of a JWK Set in a file, read again when it changes. */
export function createFileKeys(file: string, context: ProviderContext): Keys {
  const store = createKeyStore();
  const followed = createFollowedFile({
    file,
    context,
    parse: (text) => parseJwks(text, true),
    onChange: (keys) => store.replace(keys),
  });
  return {
    store,
    usable: () => followed.current() !== undefined,
    renew: () => true,
    start: followed.start,
    stop: followed.stop,
    check: () => checkCount(store.size, file),
  };
}

/** How often a secret is looked at again; `read` asks the file system. */
const secretCheckMs = 1000;

/** One secret that issuer and verifier share. */
export function createSecretKeys(
  { algorithms }: JwtConfig,
  secret: Secret,
  { name, logger, metrics }: ProviderContext,
): Keys {
  const store = createKeyStore();
  let checkedAt = Number.NEGATIVE_INFINITY;
  let value: string | undefined;

  const take = () => {
    checkedAt = performance.now();
    const text = secret.read();
    if (text === value) return;
    store.replace([toKey(text, algorithms, name)]);
    value = text;
    metrics.refreshed('success');
  };
  const read = () => {
    if (performance.now() - checkedAt < secretCheckMs) return;
    try {
      take();
    } catch (error) {
      metrics.refreshed('error');
      logger.error({ provider: name }, `keeping the secret as it was: ${describeError(error)}`);
    }
  };
  const fresh = <A extends readonly unknown[], R>(ask: (...args: A) => R) => {
    return (...args: A) => {
      read();
      return ask(...args);
    };
  };
  return {
    store: { find: fresh(store.find), has: fresh(store.has) },
    usable: fresh(() => value !== undefined),
    renew: () => true,
    start: async () => take(),
    stop: async () => {},
    check: fresh(() => (value === undefined ? { ok: false, message: 'no secret' } : { ok: true })),
  };
}

function toKey(
  text: string,
  algorithms: readonly SignatureAlgorithm[],
  provider: string,
): VerificationKey {
  const key = createSecretKey(Buffer.from(text, 'utf8'));
  const unfit = algorithms.find((algorithm) => !keyFits(key, algorithm));
  if (unfit === undefined) return { key, kid: undefined, algorithm: undefined };
  const reason = `auth.${provider}.secret: ${unfit} needs a longer one (RFC 7518 section 3.2): head -c 64 /dev/urandom | base64 -w0`;
  throw new PodmatesError('ERR_SECRET', reason);
}
