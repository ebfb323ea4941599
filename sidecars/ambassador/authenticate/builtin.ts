import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Refusal } from '../refusal.ts';
import { createApiKeyAuthenticator } from './api-key/authenticate.ts';
import { type Authenticator, type Finding, undecided } from './authenticator.ts';
import type { AuthConfig, ProviderConfig } from './config.ts';
import { createCustomAuthenticator } from './custom/authenticate.ts';
import type { AuthenticatorDefinition } from './define.ts';
import { createHtpasswdAuthenticator } from './htpasswd/authenticate.ts';
import { createHttpAuthenticator } from './http/authenticate.ts';
import { createIntrospectionAuthenticator } from './introspection/authenticate.ts';
import { createJwtAuthenticator } from './jwt/authenticate.ts';
import { createKubernetesAuthenticator } from './kubernetes/authenticate.ts';
import type { AuthMetrics } from './metrics.ts';
import { createMtlsAuthenticator } from './mtls/authenticate.ts';
import { createOidcAuthenticator } from './oidc/authenticate.ts';
import type { ProviderContext } from './provider.ts';

export interface AuthenticatorSurroundings {
  readonly logger: Logger;
  /** Made once by `createAuthMetrics`; a reload brings new authenticators, not new metrics. */
  readonly metrics: AuthMetrics;
  /** Authenticators of the caller's own, for `{type: custom, use: NAME}`. */
  readonly authenticators?: Readonly<Record<string, AuthenticatorDefinition>> | undefined;
}

/**
 * The authenticators of the map `auth:`, by name. Each has its own memory, so a reload begins anew.
 * @throws PodmatesError ERR_MODULE when one is not among those given
 */
export function createAuthenticators(
  config: AuthConfig,
  surroundings: AuthenticatorSurroundings,
): ReadonlyMap<string, Authenticator> {
  const { logger, metrics, authenticators = {} } = surroundings;
  const made = Object.entries(config).map(([name, provider]) => {
    const context = { name, logger, metrics: metrics.provider(name) };
    const authenticator = create(provider, context, authenticators);
    return [name, guarded(authenticator, context)] as const;
  });
  return new Map(made);
}

function create(
  config: ProviderConfig,
  context: ProviderContext,
  given: Readonly<Record<string, AuthenticatorDefinition>>,
): Authenticator {
  switch (config.type) {
    case 'jwt':
      return createJwtAuthenticator(config, context);
    case 'introspection':
      return createIntrospectionAuthenticator(config, context);
    case 'apiKey':
      return createApiKeyAuthenticator(config, context);
    case 'htpasswd':
      return createHtpasswdAuthenticator(config, context);
    case 'mtls':
      return createMtlsAuthenticator(config, context);
    case 'kubernetes':
      return createKubernetesAuthenticator(config, context);
    case 'http':
      return createHttpAuthenticator(config, context);
    case 'oidc':
      return createOidcAuthenticator(config, context);
    case 'custom':
      return createCustomAuthenticator(config, context, given);
  }
}

/**
 * Counts every finding; one that was made at once is still answered at once. Whatever is thrown, a
 * secret that cannot be read as well as a mistake of ours, becomes undecided and so is never open.
 */
function guarded(authenticator: Authenticator, context: ProviderContext): Authenticator {
  const { name, logger, metrics } = context;
  const count = (finding: Finding) => {
    metrics.found(finding.kind);
    return finding;
  };
  const fail = (error: unknown) => {
    logger.error({ provider: name }, `cannot decide: ${describeError(error)}`);
    return count(undecided('failed'));
  };
  const failed = (error: unknown): Refusal => {
    logger.error({ provider: name }, `cannot answer: ${describeError(error)}`);
    return { status: 503, reason: 'credential_undecided', detail: 'failed' };
  };
  return {
    ...authenticator,
    endpoints: (authenticator.endpoints ?? []).map(({ path, answer }) => ({
      path,
      answer: async (inquiry, signal) => {
        try {
          return await answer(inquiry, signal);
        } catch (error) {
          return failed(error);
        }
      },
    })),
    invite(inquiry) {
      try {
        return authenticator.invite?.(inquiry);
      } catch (error) {
        return failed(error);
      }
    },
    // Those of a module of one's own are known when it is loaded.
    get challenge() {
      return authenticator.challenge;
    },
    get credentialHeaders() {
      return authenticator.credentialHeaders;
    },
    authenticate(inquiry, signal) {
      try {
        const finding = authenticator.authenticate(inquiry, signal);
        return finding instanceof Promise ? finding.then(count).catch(fail) : count(finding);
      } catch (error) {
        return fail(error);
      }
    },
  };
}
