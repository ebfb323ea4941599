import { type Authenticator, absent, proved, rejected } from '../authenticator.ts';
import { challenge } from '../challenge.ts';
import { maxCredentialLength, readScheme } from '../credential.ts';
import { createFollowedFile } from '../followed-file.ts';
import type { ProviderContext } from '../provider.ts';
import type { ApiKeyConfig } from './config.ts';
import { hashKey } from './hash.ts';
import { parseKeyFile } from './key-file.ts';

/** Callers with a key of their own. Needs no cache: a check is one hash and one lookup. */
export function createApiKeyAuthenticator(
  { header, scheme, file }: ApiKeyConfig,
  context: ProviderContext,
): Authenticator {
  const { name } = context;
  const keys = createFollowedFile({
    file,
    context,
    parse: (text) => parseKeyFile(text, file, name),
  });
  return {
    // No scheme is registered for keys in a header of their own; this one tells which header.
    challenge: challenge(scheme ?? 'ApiKey', { realm: name, header }),
    credentialHeaders: [header],
    start: keys.start,
    stop: keys.stop,
    check() {
      const count = keys.current()?.size;
      if (count === undefined) return { ok: false, message: `${file} is not read yet` };
      return { ok: true, message: `${count} keys` };
    },
    authenticate(inquiry) {
      const key =
        scheme === undefined ? inquiry.header(header) : readScheme(inquiry, header, scheme);
      if (key === undefined || key === '') return absent;
      if (key.length > maxCredentialLength) return rejected('too_long');
      // Found by the hash of what the caller sent: its timing tells nothing of the keys there are.
      const identity = keys.current()?.get(hashKey(key));
      if (identity === undefined) return rejected('unknown_key');
      if (identity.expiresAt !== undefined && identity.expiresAt <= Date.now()) {
        return rejected('expired');
      }
      return proved(identity);
    },
  };
}
