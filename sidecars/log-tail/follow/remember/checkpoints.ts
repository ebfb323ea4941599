import { describeError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { FollowMetrics } from '../../metrics.ts';
import { isUnchanged } from '../generations/copies.ts';
import type { Descriptors } from '../generations/descriptors.ts';
import { type Generation, note } from '../generations/generation.ts';
import { readTrace } from '../generations/identity.ts';
import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
import { type CheckpointStore, createCheckpointStore } from './checkpoint-store.ts';
import type { Ledger } from './ledger.ts';

/** Keeps the checkpoint near to what is acknowledged. */
export interface Checkpoints {
  /** Takes up what was saved. @returns whether there was anything */
  restore(saved: Checkpoint | undefined): boolean;
  load(): Promise<Checkpoint | undefined>;
  /** Something was acknowledged, found or lost. */
  changed(): void;
  /** Saves now, if anything has changed. */
  save(): Promise<void>;
  close(): void;
}

export interface CheckpointsOptions {
  readonly directory: string | undefined;
  readonly everyMs: number;
  readonly ledger: Ledger;
  readonly descriptors: Descriptors;
  readonly metrics: FollowMetrics;
  readonly logger: Logger;
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { directory, everyMs, ledger, metrics, logger } = options;
  const store = directory === undefined ? undefined : createCheckpointStore(directory, logger);
  const describe = createDescriber(options);
  const report = createReport(metrics, logger);
  let dirty = false;
  let saving: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const write = async (to: CheckpointStore) => {
    dirty = false;
    const started = performance.now();
    try {
      await to.save({ entries: [...ledger.all()].map(describe), past: describePast(ledger) });
      report(undefined);
    } catch (error) {
      dirty = true;
      report(error);
    }
    return performance.now() - started;
  };
  const later = (took: number) => {
    // Many thousand files make a long checkpoint: it must not be all that is done.
    const wait = Math.max(everyMs, took * 20);
    timer = setTimeout(() => void tick(), wait).unref();
  };
  const tick = async () => {
    if (store === undefined) return;
    let took = 0;
    if (dirty) {
      saving = write(store).then((ms) => {
        took = ms;
      });
      await saving;
    }
    if (timer !== undefined) later(took);
  };
  if (store === undefined) metrics.durable.set(0);
  else later(0);
  return {
    load: async () => store?.load(),
    restore(saved) {
      for (const entry of saved?.entries ?? []) ledger.add(revive(entry));
      for (const { log, input, ...past } of saved?.past ?? [])
        ledger.log(log, input).past.push(past);
      return saved !== undefined;
    },
    changed() {
      dirty = true;
    },
    async save() {
      await saving;
      if (store !== undefined && dirty) await write(store);
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** A failing disk is said once, and again when it is well. */
function createReport({ checkpoints, durable }: FollowMetrics, logger: Logger) {
  let failing = false;
  return (error: unknown) => {
    checkpoints.inc({ result: error === undefined ? 'success' : 'error' });
    durable.set(error === undefined ? 1 : 0);
    if (error !== undefined && !failing) {
      const reason = describeError(error);
      logger.error(`cannot write the checkpoint, lines go on without it: ${reason}`);
    }
    if (error === undefined && failing) logger.info('the checkpoint is written again');
    failing = error !== undefined;
  };
}

function createDescriber({ descriptors }: CheckpointsOptions) {
  const former = new WeakMap<Generation, Pick<CheckpointEntry, 'offset' | 'trace'>>();
  const mark = (generation: Generation): Pick<CheckpointEntry, 'offset' | 'trace'> => {
    const { offset, acknowledged, trace } = generation;
    if (acknowledged >= offset) return { offset, trace: trace.toString('base64') };
    const fd = descriptors.get(generation);
    if (fd === undefined || !isUnchanged(generation, fd)) {
      // The bytes before it cannot be had any more: the last mark stays, or none of them is asked for.
      return former.get(generation) ?? { offset: acknowledged, trace: '' };
    }
    return { offset: acknowledged, trace: readTrace(fd, acknowledged).toString('base64') };
  };
  return (generation: Generation): CheckpointEntry => {
    const { file, log, place, epoch, rotated, size, mtimeMs, head } = generation;
    const { id, input, path } = file;
    const { key, birth, gzip } = place;
    const marked = mark(generation);
    former.set(generation, marked);
    return {
      id,
      input,
      log,
      path,
      key,
      birth,
      epoch,
      gzip,
      rotated,
      size,
      mtimeMs,
      head,
      ...marked,
    };
  };
}

function describePast(ledger: Ledger): Checkpoint['past'] {
  return [...ledger.logs.values()].flatMap(({ path, input, past }) =>
    past.map((one) => ({ log: path, input, ...one })),
  );
}

function revive(entry: CheckpointEntry): Generation {
  const { id, input, log, path, key, birth, gzip, epoch, rotated, offset, size, mtimeMs } = entry;
  const now = performance.now();
  const generation: Generation = {
    file: { id, input, path },
    log,
    place: { key, birth, path, gzip },
    epoch,
    rotated,
    offset,
    searched: offset,
    acknowledged: offset,
    size,
    mtimeMs,
    head: entry.head,
    trace: Buffer.from(entry.trace, 'base64'),
    dirty: offset < size,
    suspect: false,
    doubts: 0,
    grewAt: now,
    cleanAt: now,
    goneAt: undefined,
    turns: [],
  };
  note(generation, `taken up at ${offset}`);
  return generation;
}
