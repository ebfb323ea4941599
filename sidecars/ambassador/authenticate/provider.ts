import type { Logger } from '../../core/logger.ts';
import type { ProviderMetrics } from './metrics.ts';

/** What an authenticator is given beside its part of the config. */
export interface ProviderContext {
  /** Its key under `auth:`. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: ProviderMetrics;
}
