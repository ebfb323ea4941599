import type { Logger } from '../../core/logger.ts';
import type { Identity } from '../identity.ts';

/** What an authorizer of your own may look at: who asks, and the head of the request. */
export interface Petition {
  readonly method: string;
  /** The path as it is judged and forwarded, without the query. */
  readonly path: string;
  readonly host: string;
  /** One value of a header, whatever the case of the name; undefined if absent. */
  header(name: string): string | undefined;
  /** The caller's address by the trusted-proxy rules. */
  readonly remoteAddress: string;
  /** Undefined on public routes. */
  readonly identity: Identity | undefined;
}

export interface AuthorizerTools {
  /** `options:` of the config, as it stands there. */
  readonly options: unknown;
  readonly logger: Logger;
}

/** An authorizer of your own. What it throws, or does not answer in time, denies with 503. */
export interface AuthorizerDefinition {
  /** Called once, before the first request; throws when the options are wrong. */
  start?(tools: AuthorizerTools): Promise<void> | void;
  stop?(): Promise<void> | void;
  /** Whether the request may go on, after everything else in `require:` was met; else 403. */
  authorize(
    petition: Petition,
    tools: AuthorizerTools,
    signal: AbortSignal,
  ): boolean | Promise<boolean>;
}

/**
 * Types an authorizer of your own; the default export of a module that the config names.
 *
 * @example
 * export default defineAuthorizer({
 *   authorize: ({ identity, path }) => path.startsWith(`/users/${identity?.subject}/`),
 * });
 */
export function defineAuthorizer(definition: AuthorizerDefinition): AuthorizerDefinition {
  return definition;
}

/** One that is ready to be asked. */
export interface Authorizer {
  start(): Promise<void>;
  stop(): Promise<void>;
  ask(petition: Petition, signal: AbortSignal): Promise<'allowed' | 'denied' | 'undecided'>;
}
