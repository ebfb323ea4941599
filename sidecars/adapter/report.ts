import type { Logger } from '../core/logger.ts';
import type { DroppedKind } from './map/tally.ts';
import type { AdapterMetrics } from './metrics.ts';
import type { Outcome } from './pipeline.ts';
import type { Conflict } from './publish/merge.ts';
import type { Family } from './sample.ts';

/** Counts everything, and logs what changed: a fault that stays is not said at every scrape. */
export interface Reporter {
  outcome(outcome: Outcome): void;
  /** @param escaping by which the page was written: each scheme has clashes of its own */
  conflicts(conflicts: readonly Conflict[], escaping: string): void;
}

export function createReporter(logger: Logger, own: AdapterMetrics): Reporter {
  const states = createStates(logger);
  const counted = new WeakSet<object>();
  return {
    outcome({ source: { name: source }, collected, error, seconds }) {
      if (error?.reason === 'aborted') {
        own.failures.inc({ source, reason: 'aborted' }); // it says nothing about the source
        return;
      }
      states.set(`${source} fails`, error && { source, reason: error.reason }, error?.message);
      own.up.set({ source }, error === undefined ? 1 : 0);
      const turn = collected ?? error;
      if (turn === undefined || counted.has(turn)) return; // another scrape shared it
      counted.add(turn);
      own.collections.inc({ source });
      own.duration.set({ source }, seconds);
      own.samples.set({ source }, countSamples(collected?.families ?? []));
      if (error !== undefined) own.failures.inc({ source, reason: error.reason });
      if (collected === undefined) return;
      own.bytes.set({ source }, collected.bytes);
      for (const { reason, count } of collected.dropped) own.dropped.inc({ source, reason }, count);
      reportDropped(source, collected.dropped, states);
    },
    conflicts(conflicts, escaping) {
      for (const { source, reason, samples } of conflicts) {
        if (source !== 'podmates') own.dropped.inc({ source, reason }, samples);
      }
      const told = conflicts.map(({ source, metric, detail }) => `${source}: ${metric} ${detail}`);
      const text = told.length === 0 ? undefined : told.join('; ');
      states.set(
        `conflicts with names in ${escaping}`,
        text === undefined ? undefined : { conflicts: told.length },
        text,
      );
    },
  };
}

function reportDropped(source: string, dropped: readonly DroppedKind[], states: States): void {
  const loud = dropped.filter(({ quiet }) => quiet !== true);
  if (loud.length === 0) {
    states.set(`${source} drops`, undefined, undefined);
    return;
  }
  const name = ({ reason, metric }: DroppedKind) => `${reason} ${metric}`.trim();
  const shown = loud.slice(0, 20).map((kind) => `${name(kind)} (${kind.detail})`);
  const count = loud.reduce((sum, kind) => sum + kind.count, 0);
  const signature = loud.map(name).sort().join('; ');
  states.set(`${source} drops`, { source, dropped: count }, shown.join('; '), signature);
}

interface States {
  /** Logs when the state is another than before; undefined text is the good state. */
  set(key: string, fields: object | undefined, text: string | undefined, signature?: string): void;
}

function createStates(logger: Logger): States {
  const known = new Map<string, string>();
  return {
    set(key, fields, text, signature = text ?? '') {
      const before = known.get(key) ?? '';
      if (before === signature) return;
      known.set(key, signature);
      if (text === undefined) logger.info({ what: key }, `${key}: no longer`);
      else logger.warn({ ...fields }, `${key}: ${text}`);
    },
  };
}

function countSamples(families: readonly Family[]): number {
  let count = 0;
  for (const family of families) count += samplesOf(family);
  return count;
}

function samplesOf(family: Family): number {
  switch (family.type) {
    case 'histogram':
      return family.points.reduce(
        (sum, { buckets, sum: total }) => sum + buckets.length + (total === undefined ? 0 : 2),
        0,
      );
    case 'summary':
      return family.points.reduce(
        (sum, { quantiles, sum: total, count }) =>
          sum + quantiles.length + (total === undefined ? 0 : 1) + (count === undefined ? 0 : 1),
        0,
      );
    case 'stateset':
      return family.points.reduce((sum, { states }) => sum + states.length, 0);
    default:
      return family.points.length;
  }
}
