import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import type { AmbassadorConfig } from './config.ts';

export { type AmbassadorConfig, ambassadorSchema } from './config.ts';

export function createAmbassador(
  _config: AmbassadorConfig,
  _surroundings: Surroundings,
): Container<AmbassadorConfig> {
  throw new PodmatesError('ERR_CLOSED', 'the ambassador is being built');
}
