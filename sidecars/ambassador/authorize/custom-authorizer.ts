import { describeError, PodmatesError } from '../../core/errors.ts';
import { deadlineIn, timeUp } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import { loadModule } from '../../core/module.ts';
import type { Authorizer, AuthorizerDefinition } from './authorizer.ts';
import type { AuthorizerConfig } from './config.ts';

export interface AuthorizerSurroundings {
  readonly logger: Logger;
  /** Those that a program of one's own gave, for `use:`. */
  readonly given: Readonly<Record<string, AuthorizerDefinition>>;
}

/** The authorizer under this name, held to a deadline, and to saying yes in so many words. */
export function createAuthorizer(
  name: string,
  config: AuthorizerConfig,
  { logger, given }: AuthorizerSurroundings,
): Authorizer {
  const tools = { options: config.options, logger };
  let definition: AuthorizerDefinition | undefined;
  return {
    async start() {
      definition = await find(name, config, given);
      await definition.start?.(tools);
    },
    async stop() {
      await definition?.stop?.();
    },
    async ask(petition, signal) {
      if (definition === undefined) return 'undecided';
      const deadline = deadlineIn(config.timeout, signal);
      try {
        const answer = definition.authorize(petition, tools, deadline);
        return (await Promise.race([answer, timeUp(deadline)])) === true ? 'allowed' : 'denied';
      } catch (error) {
        logger.warn({ authorizer: name }, `cannot decide: ${describeError(error)}`);
        return 'undecided';
      }
    },
  };
}

async function find(
  name: string,
  { module, use }: AuthorizerConfig,
  given: Readonly<Record<string, AuthorizerDefinition>>,
): Promise<AuthorizerDefinition> {
  if (use !== undefined) {
    const found = Object.hasOwn(given, use) ? given[use] : undefined;
    if (found !== undefined) return found;
    const reason = `authorizers.${name}.use: no authorizer "${use}" was given to createAmbassador`;
    throw new PodmatesError('ERR_MODULE', reason);
  }
  const loaded = await loadModule(module ?? '');
  if (isDefinition(loaded)) return loaded;
  const reason = `authorizers.${name}.module: ${module} exports by default no defineAuthorizer({...})`;
  throw new PodmatesError('ERR_MODULE', reason);
}

function isDefinition(value: unknown): value is AuthorizerDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'authorize' in value &&
    typeof value.authorize === 'function'
  );
}
