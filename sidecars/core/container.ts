import type { ReadinessReport } from './admin/readiness.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** What a container could not finish before its deadline, in words; empty after a clean stop. */
export interface StopReport {
  readonly left: readonly string[];
}

/** Where a container can be reached, as `host:port`, by the name of the listener. */
export type Addresses = Readonly<Record<string, string>>;

/** The life of each of the three containers; what the factories of the library return. */
export interface Container<Config> {
  /** Resolves when every listener is open and the work has begun. */
  start(): Promise<void>;
  /**
   * Not ready, drain, flush, checkpoint, close. Never rejects for work that could not be finished:
   * that is in the report.
   * @param deadline aborts when there is no more time; without it, the config's own deadline holds
   */
  stop(deadline?: AbortSignal): Promise<StopReport>;
  ready(): ReadinessReport;
  /** Puts a new config in force; rejects, with the old one still running, when it cannot be. */
  reload(config: Config): Promise<void>;
  addresses(): Addresses;
  /** Resolves when there is nothing more to do, as beside a Job's app that has ended. */
  readonly finished?: Promise<void>;
}

/** What a container is given from outside beside its config. */
export interface Surroundings {
  readonly logger: Logger;
  readonly metrics: Metrics;
}
