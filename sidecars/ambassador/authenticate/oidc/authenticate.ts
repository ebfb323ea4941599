import {
  type Authenticator,
  absent,
  type Endpoint,
  type Finding,
  forbidden,
  proved,
  rejected,
} from '../authenticator.ts';
import { challenge } from '../challenge.ts';
import { createTokenJudge, type TokenRules } from '../jwt/judge.ts';
import { createRemoteKeys } from '../jwt/remote-keys.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import { createRemote } from '../remote.ts';
import { isOpeningPage, isSafe, isSameOrigin } from './browser.ts';
import { createCallback } from './callback.ts';
import type { OidcConfig } from './config.ts';
import { createCookie } from './cookie.ts';
import { createIssuerFetcher } from './issuer.ts';
import { createLogins } from './login.ts';
import { createSeal } from './seal.ts';
import { createSessions } from './session.ts';
import { checkSessionKeys, readSessionKeys } from './session-keys.ts';
import { createSignIn } from './sign-in.ts';
import { createSignOut } from './sign-out.ts';

/** Sessions that are remembered opened, and for how long; what ends one ends it here too. */
const memory = { ttl: 60_000, size: 10_000 };

/**
 * People in their browsers: whoever opens a page without a session is sent to the issuer and comes
 * back with a code (OpenID Connect Core 1.0 section 3.1, with PKCE). The session is a sealed cookie.
 */
export function createOidcAuthenticator(
  config: OidcConfig,
  context: ProviderContext,
): Authenticator {
  const { name, metrics } = context;
  const { origin, pathname, protocol } = new URL(config.redirectUrl);
  const { key } = config.session;
  const cookie = createCookie(`podmates-${name}`, protocol === 'https:');
  const browser = createCookie(`podmates-${name}-login`, protocol === 'https:');
  const seal = (what: string) =>
    createSeal(
      () => readSessionKeys(key),
      JSON.stringify([what, name, config.issuer, config.clientId]),
    );
  const sessions = createSessions(config, name, seal('session'));
  const logins = createLogins(config, seal('login'), browser);
  const remembered = createCredentialCache({ ...memory, metrics });
  const fetcher = createIssuerFetcher(config);
  const keys = createRemoteKeys(config, fetcher, context);
  const remote = createRemote(config, context);
  const judgeIdToken = createTokenJudge(idTokenRules(config), {
    provider: name,
    keys,
    reject: rejected,
  });
  const signIn = createSignIn(config, context, sessions, cookie);
  const issuer = fetcher.known;
  const receive = createCallback({ config, logins, remote, issuer, judgeIdToken, signIn });

  const look = (value: string): Finding => {
    const identity = sessions.read(value, Date.now());
    return identity === undefined ? rejected('session') : proved(identity);
  };
  return {
    challenge: challenge('Cookie', { realm: name, 'cookie-name': cookie.name }),
    credentialHeaders: [],
    credentialCookies: [cookie.name, browser.name],
    endpoints: [
      onlyGet(pathname, receive),
      onlyGet(config.signOut, createSignOut(config, issuer, cookie)),
    ],
    async start() {
      checkSessionKeys(key, name);
      await keys.start();
    },
    async stop() {
      await Promise.all([keys.stop(), remote.stop()]);
    },
    check: keys.check,
    invite(inquiry) {
      if (!isOpeningPage(inquiry)) return undefined;
      const known = issuer();
      if (known !== undefined) return logins.begin(inquiry, known);
      return { status: 503, reason: 'credential_undecided', detail: 'no_metadata' };
    },
    authenticate(inquiry) {
      const value = cookie.read(inquiry.header('cookie'));
      if (value === undefined) return absent;
      if (value === 'several') return rejected('several_cookies');
      const finding = remembered.look(value, () => ({ finding: look(value), definitive: true }));
      if (finding instanceof Promise || finding.kind !== 'proved') return finding;
      const harmless = isSafe(inquiry.method) || isSameOrigin(inquiry, origin);
      return harmless ? finding : forbidden('cross_origin');
    },
  };
}

/** Claims that must be there are looked for later, in what the UserInfo endpoint says as well. */
function idTokenRules(config: OidcConfig): TokenRules {
  const audience = [config.clientId];
  return { ...config, audience, claims: {}, tokenType: undefined, subject: 'sub' };
}

function onlyGet(path: string, answer: Endpoint['answer']): Endpoint {
  return {
    path,
    answer: (inquiry, signal) =>
      inquiry.method === 'GET'
        ? answer(inquiry, signal)
        : { status: 405, reason: 'method_not_allowed', headers: ['Allow', 'GET'] },
  };
}
