import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Refusal } from '../../refusal.ts';
import type { Inquiry } from '../authenticator.ts';
import { isRecord } from '../claims.ts';
import type { OidcConfig } from './config.ts';
import type { Cookie } from './cookie.ts';
import type { Issuer } from './issuer.ts';
import type { Seal } from './seal.ts';

/** A login that was begun, as it comes back from the issuer. */
export interface Login {
  /** Proves that who redeems the code is who began (PKCE, RFC 7636). */
  readonly verifier: string;
  /** Ties the ID token to this login (OpenID Connect Core 1.0 section 3.1.2.1). */
  readonly nonce: string;
  /** Path and query that the person was on the way to. */
  readonly target: string;
}

export interface Logins {
  /** Sends a browser to the issuer. */
  begin(inquiry: Inquiry, issuer: Issuer): Refusal;
  /** The login that a `state` stands for, if it was begun in this browser and not long ago. */
  resume(state: string, inquiry: Inquiry): Login | undefined;
}

const maxMs = 600_000;
const maxTargetLength = 1500;
const randomText = /^[\w-]{43}$/;

/**
 * What is to be known again when a person comes back travels with them, sealed, as the `state`. A
 * cookie holds what ties it to their browser, so that nobody can be made to finish the login of
 * somebody else; one cookie for all tabs, however many logins are begun.
 */
export function createLogins(config: OidcConfig, seal: Seal, browser: Cookie): Logins {
  return {
    begin(inquiry, { authorizationEndpoint }) {
      const known = browser.read(inquiry.header('cookie')) ?? '';
      const tie = randomText.test(known) ? known : random();
      const { path, query } = inquiry;
      const login: Login = {
        verifier: random(),
        nonce: random(),
        target: path.length + query.length > maxTargetLength ? '/' : path + query,
      };
      const state = seal.close({ ...login, tie: digest(tie), end: Date.now() + maxMs });
      const url = new URL(authorizationEndpoint);
      const parameters = {
        ...config.parameters,
        response_type: 'code',
        client_id: config.clientId,
        redirect_uri: config.redirectUrl,
        scope: config.requestScopes.join(' '),
        state,
        nonce: login.nonce,
        code_challenge: digest(login.verifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      const headers = ['Location', url.href, 'Set-Cookie', browser.write(tie, maxMs / 1000)];
      return { status: 302, reason: 'sign_in', headers };
    },
    resume(state, inquiry) {
      const login = seal.open(state);
      const tie = browser.read(inquiry.header('cookie'));
      if (!isRecord(login) || tie === undefined) return undefined;
      const { verifier, nonce, target, end } = login;
      if (typeof end !== 'number' || end < Date.now()) return undefined;
      if (!isSame(digest(tie), login['tie'])) return undefined;
      return { verifier: String(verifier), nonce: String(nonce), target: String(target) };
    },
  };
}

function random(): string {
  return randomBytes(32).toString('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isSame(digested: string, other: unknown): boolean {
  if (typeof other !== 'string' || other.length !== digested.length) return false;
  return timingSafeEqual(Buffer.from(digested), Buffer.from(other));
}
