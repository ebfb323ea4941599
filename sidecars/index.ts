export type { Container, StopReport, Surroundings } from './core/container.ts';
export { ConfigError, type ErrorCode, PodmatesError, type Problem } from './core/errors.ts';
export { createLogger, type Logger, type LoggerOptions } from './core/logger.ts';
export { createMetrics, type Metrics } from './core/metrics.ts';
