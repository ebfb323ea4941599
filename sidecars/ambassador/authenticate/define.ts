import type { Logger } from '../../core/logger.ts';
import type { Inquiry } from './authenticator.ts';

/** Who is asking, as an authenticator of your own says it. */
export interface Caller {
  readonly subject: string;
  readonly groups?: readonly string[];
  readonly scopes?: readonly string[];
  /** Anything else that rules and identity headers may look at. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** When the credential ends, in milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/**
 * What an authenticator of your own may answer: the caller; a refusal, with a reason from a small
 * set of your own; or undefined when the request carries no credential of this kind.
 */
export type Answer =
  | Caller
  | { readonly rejected: string }
  | { readonly forbidden: string }
  | undefined;

export interface AuthenticatorTools {
  /** `options:` of the config, as it stands there. */
  readonly options: unknown;
  readonly logger: Logger;
}

/** An authenticator of your own. What it throws, or does not answer in time, denies with 503. */
export interface AuthenticatorDefinition {
  /** The value of `WWW-Authenticate` that asks for its credential. */
  readonly challenge?: string;
  /** The headers that carry the credential: stripped before the app, and the key of the cache. */
  readonly credentialHeaders: readonly string[];
  /** Called once, before the first request; throws when the options are wrong. */
  start?(tools: AuthenticatorTools): Promise<void> | void;
  stop?(): Promise<void> | void;
  authenticate(
    inquiry: Inquiry,
    tools: AuthenticatorTools,
    signal: AbortSignal,
  ): Answer | Promise<Answer>;
}

/**
 * Says who is asking by a credential that podmates does not know.
 *
 * @example
 * ```ts
 * import { defineAuthenticator } from 'podmates/ambassador';
 *
 * export default defineAuthenticator({
 *   credentialHeaders: ['x-badge'],
 *   authenticate(inquiry) {
 *     const badge = inquiry.header('x-badge');
 *     if (badge === undefined) return undefined;
 *     return badge === 'gold' ? { subject: 'vip', groups: ['guests'] } : { rejected: 'badge' };
 *   },
 * });
 * ```
 */
export function defineAuthenticator(definition: AuthenticatorDefinition): AuthenticatorDefinition {
  return definition;
}
