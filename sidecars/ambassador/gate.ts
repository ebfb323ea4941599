import { startInOrder } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { type AccessLog, createAccessLog } from './access-log.ts';
import type { Authenticator } from './authenticate/authenticator.ts';
import { createAuthenticators } from './authenticate/builtin.ts';
import type { AuthenticatorDefinition } from './authenticate/define.ts';
import type { AuthMetrics } from './authenticate/metrics.ts';
import type { AmbassadorConfig } from './config.ts';
import { createUpstream, type Upstream } from './forward/upstream.ts';
import { createPolicy, type Policy } from './policy.ts';

/** Everything that one config stands for; a reload puts another gate in its place. */
export interface Gate {
  readonly config: AmbassadorConfig;
  readonly policy: Policy;
  readonly accessLog: AccessLog;
  readonly authenticators: ReadonlyMap<string, Authenticator>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Resolves when every authenticator has had its first try. */
  start(): Promise<void>;
  /** Requests under way are finished by what they hold of it. */
  stop(): Promise<void>;
}

export interface GateSurroundings {
  readonly logger: Logger;
  readonly authMetrics: AuthMetrics;
  /** Authenticators of a program's own, for `{type: custom, use: NAME}`. */
  readonly own?: Readonly<Record<string, AuthenticatorDefinition>> | undefined;
}

const defaultName = 'upstream';

export function createGate(config: AmbassadorConfig, surroundings: GateSurroundings): Gate {
  const { logger, authMetrics, own } = surroundings;
  const authenticators = createAuthenticators(config.auth, {
    logger,
    metrics: authMetrics,
    authenticators: own,
  });
  const main = createUpstream(config.upstream);
  const others = Object.entries(config.upstreams).map(
    ([name, upstream]) => [name, createUpstream(upstream)] as const,
  );
  const upstreams = new Map([[defaultName, main], ...others]);
  const writePolicy = () =>
    createPolicy(config, {
      authenticators,
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
    accessLog: createAccessLog(logger, config.accessLog),
    async start() {
      await startInOrder([...authenticators.values()]);
      // Which headers a module of the user's own reads is known when it is loaded.
      policy = writePolicy();
    },
    async stop() {
      for (const { pool, http2 } of upstreams.values()) {
        pool.close();
        http2?.close();
      }
      await Promise.allSettled([...authenticators.values()].map((one) => one.stop?.()));
    },
  };
}
