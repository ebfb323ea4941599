import type { Identity } from '../../identity.ts';
import { type Authenticator, absent, proved, rejected, undecided } from '../authenticator.ts';
import { challenge } from '../challenge.ts';
import { maxCredentialLength, readScheme } from '../credential.ts';
import { createFollowedFile } from '../followed-file.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { parseBasic } from './basic.ts';
import type { HtpasswdConfig } from './config.ts';
import { createPasswordCheck } from './password-check.ts';
import { parsePasswordFile } from './password-file.ts';

const header = 'authorization';

/** Users with passwords (RFC 7617) in an htpasswd file. */
export function createHtpasswdAuthenticator(
  { file, groups, concurrency, cache }: HtpasswdConfig,
  context: ProviderContext,
): Authenticator {
  const { name, metrics } = context;
  const remembered = createCredentialCache({ ...cache, metrics });
  const passwords = createPasswordCheck({ concurrency, queue: 32 * concurrency });
  const followed = createFollowedFile({
    file,
    context,
    parse: (text) => parsePasswordFile(text, file),
    onChange: () => remembered.clear(),
  });

  const judge = async (credential: string): Promise<Judgement> => {
    const basic = parseBasic(credential);
    if (basic === undefined) return { finding: rejected('malformed'), definitive: true };
    const entry = followed.current()?.users.get(basic.user);
    const checked = entry ?? followed.current()?.decoy;
    if (checked === undefined) return { finding: rejected('unknown_user') };
    const good = await passwords.check(basic.password, checked);
    if (good === 'busy') return { finding: undecided('busy') };
    // One reason for both: the log of a front door tells nobody which users there are.
    if (!good || entry === undefined) return { finding: rejected('password'), definitive: true };
    return { finding: proved(identityOf(basic.user, name, groups)) };
  };
  return {
    challenge: challenge('Basic', { realm: name, charset: 'UTF-8' }),
    credentialHeaders: [header],
    start: followed.start,
    stop: followed.stop,
    check() {
      const count = followed.current()?.users.size;
      if (count === undefined) return { ok: false, message: `${file} is not read yet` };
      return { ok: true, message: `${count} users` };
    },
    authenticate(inquiry) {
      const credential = readScheme(inquiry, header, 'Basic');
      if (credential === undefined) return absent;
      if (credential.length > maxCredentialLength) return rejected('too_long');
      return remembered.look(credential, () => judge(credential));
    },
  };
}

function identityOf(user: string, provider: string, groups: HtpasswdConfig['groups']): Identity {
  const own = Object.entries(groups).filter(([, users]) => users.includes(user));
  return Object.freeze({
    provider,
    subject: user,
    groups: Object.freeze(own.map(([group]) => group)),
    scopes: Object.freeze([]),
    claims: Object.freeze({ name: user }),
    expiresAt: undefined,
  });
}
