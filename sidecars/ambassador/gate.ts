import { startInOrder } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { type AccessLog, createAccessLog } from './access-log.ts';
import type { Authenticator } from './authenticate/authenticator.ts';
import { createAuthenticators } from './authenticate/builtin.ts';
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
}

const defaultName = 'upstream';

export function createGate(config: AmbassadorConfig, surroundings: GateSurroundings): Gate {
  const { logger, authMetrics } = surroundings;
  const authenticators = createAuthenticators(config.auth, { logger, metrics: authMetrics });
  const main = createUpstream(config.upstream);
  const others = Object.entries(config.upstreams).map(
    ([name, upstream]) => [name, createUpstream(upstream)] as const,
  );
  const upstreams = new Map([[defaultName, main], ...others]);
  return {
    config,
    authenticators,
    upstreams,
    policy: createPolicy(config, {
      authenticators,
      upstream: (name) => (name === undefined ? main : (upstreams.get(name) ?? main)),
    }),
    accessLog: createAccessLog(logger, config.accessLog),
    start: () => startInOrder([...authenticators.values()]),
    async stop() {
      for (const { pool } of upstreams.values()) pool.close();
      await Promise.allSettled([...authenticators.values()].map((one) => one.stop?.()));
    },
  };
}
