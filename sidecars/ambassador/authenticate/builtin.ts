import type { Logger } from '../../core/logger.ts';
import { createApiKeyAuthenticator } from './api-key/authenticate.ts';
import type { Authenticator, Finding } from './authenticator.ts';
import type { AuthConfig, ProviderConfig } from './config.ts';
import { createJwtAuthenticator } from './jwt/authenticate.ts';
import type { AuthMetrics, ProviderMetrics } from './metrics.ts';
import type { ProviderContext } from './provider.ts';

export interface AuthenticatorSurroundings {
  readonly logger: Logger;
  /** Made once by `createAuthMetrics`; a reload brings new authenticators, not new metrics. */
  readonly metrics: AuthMetrics;
}

/** The authenticators of the map `auth:`, by name. Each has its own memory, so a reload begins anew. */
export function createAuthenticators(
  config: AuthConfig,
  { logger, metrics }: AuthenticatorSurroundings,
): ReadonlyMap<string, Authenticator> {
  const made = Object.entries(config).map(([name, provider]) => {
    const context = { name, logger, metrics: metrics.provider(name) };
    return [name, counted(create(provider, context), context.metrics)] as const;
  });
  return new Map(made);
}

function create(config: ProviderConfig, context: ProviderContext): Authenticator {
  switch (config.type) {
    case 'jwt':
      return createJwtAuthenticator(config, context);
    case 'apiKey':
      return createApiKeyAuthenticator(config, context);
  }
}

/** Counts every finding; one that was made at once is still answered at once. */
function counted(authenticator: Authenticator, metrics: ProviderMetrics): Authenticator {
  const count = (finding: Finding) => {
    metrics.found(finding.kind);
    return finding;
  };
  return {
    ...authenticator,
    authenticate(inquiry, signal) {
      const finding = authenticator.authenticate(inquiry, signal);
      return finding instanceof Promise ? finding.then(count) : count(finding);
    },
  };
}
