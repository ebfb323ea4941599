import type { Refusal } from '../../refusal.ts';
import type { Claims } from '../claims.ts';
import type { ProviderContext } from '../provider.ts';
import type { OidcConfig } from './config.ts';
import type { Cookie } from './cookie.ts';
import type { Sessions } from './session.ts';

/** Makes the answer that begins a session for who has these claims, on the way to a path and query. */
export type SignIn = (claims: Claims, target: string) => Refusal;

export function createSignIn(
  config: OidcConfig,
  { name, logger }: ProviderContext,
  sessions: Sessions,
  cookie: Cookie,
): SignIn {
  const { origin } = new URL(config.redirectUrl);
  return (claims, target) => {
    const now = Date.now();
    const value = sessions.write(claims, now);
    if (value === undefined) {
      const mend = 'name those that rules and headers need under session.claims';
      logger.error({ provider: name }, `the claims do not fit into a cookie; ${mend}`);
      return { status: 503, reason: 'credential_undecided', detail: 'session_too_large' };
    }
    const identity = sessions.read(value, now);
    if (identity === undefined) {
      return { status: 401, reason: 'bad_credential', detail: 'malformed_claims' };
    }
    logger.info({ provider: name, subject: identity.subject }, 'signed in');
    const seconds = Math.floor(config.session.ttl / 1000);
    // The origin is the config's, so that no target can lead anywhere else.
    const headers = ['Location', origin + target, 'Set-Cookie', cookie.write(value, seconds)];
    return { status: 303, reason: 'signed_in', headers };
  };
}
