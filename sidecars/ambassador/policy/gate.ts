import { startInOrder } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { Authenticator } from '../authenticate/authenticator.ts';
import { createAuthenticators } from '../authenticate/builtin.ts';
import type { AuthenticatorDefinition } from '../authenticate/define.ts';
import type { AuthMetrics } from '../authenticate/metrics.ts';
import type { AuthorizerDefinition } from '../authorize/authorizer.ts';
import { createAuthorizer } from '../authorize/custom-authorizer.ts';
import type { AmbassadorConfig } from '../config.ts';
import { createUpstream, type Upstream } from '../forward/upstream.ts';
import { createPolicy, type Policy } from './policy.ts';

/** Everything that one config stands for; a reload puts another gate in its place. */
export interface Gate {
  readonly config: AmbassadorConfig;
  readonly policy: Policy;
  readonly authenticators: ReadonlyMap<string, Authenticator>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Resolves when every authenticator has had its first try. */
  start(): Promise<void>;
  /** Requests under way are finished by what they hold of it. */
  stop(): Promise<void>;
}

/** What a program of one's own may add to the ambassador. */
export interface AmbassadorExtensions {
  /** By the names that `{type: custom, use: NAME}` under `auth:` refers to. */
  readonly authenticators?: Readonly<Record<string, AuthenticatorDefinition>>;
  /** By the names that `{use: NAME}` under `authorizers:` refers to. */
  readonly authorizers?: Readonly<Record<string, AuthorizerDefinition>>;
}

export interface GateSurroundings {
  readonly logger: Logger;
  readonly authMetrics: AuthMetrics;
  readonly own: AmbassadorExtensions;
}

const defaultName = 'upstream';

export function createGate(config: AmbassadorConfig, surroundings: GateSurroundings): Gate {
  const { logger, authMetrics, own } = surroundings;
  const authenticators = createAuthenticators(config.auth, {
    logger,
    metrics: authMetrics,
    authenticators: own.authenticators,
  });
  const given = own.authorizers ?? {};
  const authorizers = new Map(
    Object.entries(config.authorizers).map(([name, one]) => [
      name,
      createAuthorizer(name, one, { logger, given }),
    ]),
  );
  const main = createUpstream(config.upstream, 'ambassador.upstream', logger);
  const others = Object.entries(config.upstreams).map(
    ([name, upstream]) =>
      [name, createUpstream(upstream, `ambassador.upstreams.${name}`, logger)] as const,
  );
  const upstreams = new Map([[defaultName, main], ...others]);
  const writePolicy = () =>
    createPolicy(config, {
      authenticators,
      authorizers,
      upstream: (name) => (name === undefined ? main : (upstreams.get(name) ?? main)),
    });
  let policy = writePolicy();
  return {
    config,
    authenticators,
    upstreams,
    get policy() {
      return policy;
    },
    async start() {
      await startInOrder([...authenticators.values(), ...authorizers.values()]);
      // Which headers a module of the user's own reads is known when it is loaded.
      policy = writePolicy();
    },
    async stop() {
      for (const { pool, http2 } of upstreams.values()) {
        pool.close();
        http2?.close();
      }
      await Promise.allSettled(
        [...authenticators.values(), ...authorizers.values()].map((one) => one.stop?.()),
      );
    },
  };
}
