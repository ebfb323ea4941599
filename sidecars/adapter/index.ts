import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import type { AdapterConfig } from './config.ts';

export { type AdapterConfig, adapterSchema } from './config.ts';

export function createAdapter(
  _config: AdapterConfig,
  _surroundings: Surroundings,
): Container<AdapterConfig> {
  throw new PodmatesError('ERR_CLOSED', 'the adapter is being built');
}
