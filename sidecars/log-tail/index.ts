import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import type { LogTailConfig } from './config.ts';

export { type LogTailConfig, logTailSchema } from './config.ts';

export function createLogTail(
  _config: LogTailConfig,
  _surroundings: Surroundings,
): Container<LogTailConfig> {
  throw new PodmatesError('ERR_CLOSED', 'the log-tail is being built');
}
