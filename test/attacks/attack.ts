import type { Stage } from './stage.ts';

/** One of the attacks of README.md. */
export interface Attack {
  /** Its row in the table of README.md. */
  readonly number: number;
  readonly title: string;
  /** Whether it can be tried on a proxy without identity of its own, as the baseline is. */
  readonly baseline?: boolean;
  /** Throws when the proxy falls for it. */
  run(stage: Stage): Promise<void>;
}
