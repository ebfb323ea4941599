import type { SuiteOptions } from './bench.ts';
import type { Contest } from './contest.ts';
import { catchUpContests } from './log-tail-catch-up.ts';
import { idleContests } from './log-tail-idle.ts';
import { liveContests } from './log-tail-live.ts';

/** Following log files that are there already, while they rotate, and while nothing happens. */
export async function* contests({ quick }: SuiteOptions): AsyncIterable<Contest> {
  yield* catchUpContests(quick);
  yield* liveContests(quick);
  yield* idleContests(quick);
}
