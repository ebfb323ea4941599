import type { Acknowledge } from '../record.ts';
import { createEndings } from './endings.ts';
import { createDiscovery } from './find/discover.ts';
import { createDirectoryWatch } from './find/watch.ts';
import type { FollowerOptions } from './follower.ts';
import { createDescriptors } from './generations/descriptors.ts';
import { type Generation, unread } from './generations/generation.ts';
import { createLooks } from './looks.ts';
import { createArchives } from './read/archives.ts';
import type { Gate } from './read/gate.ts';
import { lineEndsOf } from './read/line-ends.ts';
import { createLossRecord } from './read/losses.ts';
import { createPump } from './read/pump.ts';
import { createCheckpoints } from './remember/checkpoints.ts';
import { createLedger, type Ledger } from './remember/ledger.ts';
import { describeFile, type FileReport } from './report.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { createSightings } from './sightings.ts';
import { createSuccession } from './succession.ts';

/** The followed files, all together. */
export interface Files {
  /** @param handed what to go on with, in place of the checkpoint */
  start(handed?: readonly HandedOver[]): Promise<void>;
  readonly acknowledge: Acknowledge;
  /** Looks at everything now. @returns whether there was, or is, anything to read */
  look(): boolean;
  /** Whether everything that can be read was read. */
  isDrained(): boolean;
  /** When something was read the last time, by the monotonic clock. */
  lastGrowth(): number;
  /** Hands on unfinished last lines. @returns the generations that still have something unread */
  finish(): readonly Generation[];
  /** Looks and reads no more. */
  stop(): void;
  /** Gives away what is followed, with the open files. After `stop`. */
  handOver(): readonly HandedOver[];
  /** Writes the checkpoint and closes the files. */
  close(): Promise<void>;
  report(): readonly FileReport[];
}

function warnOfNoState({ inputs, state, logger }: FollowerOptions): void {
  if (state !== undefined || Object.values(inputs).every(({ paths }) => paths === undefined))
    return;
  logger.warn('no state: directory for a checkpoint, so that each start begins anew');
}

/** A generation with its open file, for another follower to go on with. */
export interface HandedOver {
  readonly generation: Generation;
  readonly fd: number | undefined;
}

export function createFiles(options: FollowerOptions & { readonly gate: Gate }): Files {
  const { gate, metrics, logger } = options;
  const parts = createParts(options, () => schedule);
  const { ledger, discovery, pump, looks, checkpoints, descriptors } = parts;
  const watch = createDirectoryWatch((path) => schedule.hint(path), discovery.mayHold);
  let first = false;
  let grewAt = performance.now();

  const schedule = createSchedule({
    watch,
    scan() {
      looks.all(first);
      first = false;
      parts.endNow();
      watch.set(discovery.directories());
      metrics.watching.set(watch.complete() ? 1 : 0);
      checkpoints.changed();
    },
    failed: (error) => logger.error({ err: error }, 'cannot look at the files; it is tried again'),
    lookAtHot: () => looks.at(pump.hot(2000)),
    lookAt: looks.atPaths,
    turn() {
      const turned = pump.turn();
      if (turned.grew) grewAt = performance.now();
      return turned;
    },
  });
  gate.onRoom(schedule.wake);
  return {
    acknowledge: createAcknowledge(ledger, checkpoints.changed),
    look() {
      looks.all(first);
      first = false;
      return pump.turn().grew || ledger.pending.size > 0;
    },
    isDrained: () => ledger.pending.size === 0,
    lastGrowth: () => grewAt,
    async start(handed) {
      warnOfNoState(options);
      const saved = await checkpoints.load();
      if (handed === undefined) first = !checkpoints.restore(saved);
      else takeOver(parts, handed);
      looks.all(first);
      first = false;
      // Before anything is read: a crash from now on is not followed by another first start.
      checkpoints.changed();
      await checkpoints.save();
      schedule.start();
    },
    handOver: () =>
      [...ledger.all()].map((generation) => ({ generation, fd: descriptors.release(generation) })),
    finish() {
      schedule.stop();
      const all = [...ledger.all()];
      for (const generation of all) pump.finish(generation);
      // What is gone without a descriptor is lost or not: no time would help.
      const within = (one: Generation) =>
        one.goneAt === undefined || descriptors.get(one) !== undefined;
      return all.filter((one) => unread(one) > 0 && within(one));
    },
    stop() {
      schedule.stop();
      pump.close();
      watch.close();
    },
    async close() {
      checkpoints.close();
      await checkpoints.save();
      descriptors.closeAll();
    },
    report: () =>
      [...ledger.all()].map((one) => describeFile(one, descriptors.get(one) !== undefined)),
  };
}

function createParts(options: FollowerOptions & { readonly gate: Gate }, schedule: () => Schedule) {
  const { inputs, state, gate, logger, metrics, maxOpenFiles } = options;
  const ledger = createLedger();
  const recordLoss = createLossRecord(metrics, logger);
  const descriptors = createDescriptors({ limit: maxOpenFiles, unreadable: onceEach(logger) });
  const discovery = createDiscovery({ inputs, state, logger });
  const shared = { inputs, ledger, descriptors, gate, metrics, logger, recordLoss };
  const checkpoints = createCheckpoints({
    ...shared,
    directory: state,
    everyMs: options.checkpointEveryMs,
  });
  const pump = createPump({
    ...shared,
    changed: () => schedule().demandScan(),
    wake: () => schedule().wake(),
  });
  const sightings = createSightings({
    ...shared,
    succession: createSuccession({
      ...shared,
      demandScan: () => schedule().demandScan(),
      expectTruncation: () => schedule().beAlert(),
    }),
    archives: createArchives({ ...shared, settleMs: 1000 }),
    demandScan: () => schedule().demandScan(),
    startOf: (input) => inputs[input]?.start ?? 'beginning',
    lineEndsOf: (input) => lineEndsOf(inputs[input]?.encoding ?? 'utf-8'),
  });
  const looks = createLooks(ledger, discovery, sightings);
  const endNow = createEndings({ ...shared, pump });
  return { ledger, descriptors, discovery, checkpoints, pump, looks, endNow };
}

function takeOver(
  { ledger, descriptors }: Pick<ReturnType<typeof createParts>, 'ledger' | 'descriptors'>,
  handed: readonly HandedOver[],
): void {
  for (const { generation, fd } of handed) {
    generation.dirty = true;
    ledger.add(generation);
    if (fd !== undefined) descriptors.adopt(generation, fd);
  }
}

function createAcknowledge(ledger: Ledger, changed: () => void): Acknowledge {
  return ({ id }, offset) => {
    const generation = ledger.byId(id);
    if (generation === undefined || offset <= generation.acknowledged) return;
    generation.acknowledged = offset;
    if (offset >= generation.size) generation.cleanAt = performance.now();
    changed();
  };
}

/** A file that cannot be opened or read is tried again at each scan, and complained of once. */
function onceEach(logger: FollowerOptions['logger']) {
  const complained = new WeakSet<Generation>();
  return (generation: Generation, error: unknown) => {
    if (complained.has(generation)) return;
    complained.add(generation);
    const { path, input } = generation.file;
    logger.warn({ err: error, path, input }, 'cannot read the file; it is tried again');
  };
}
