import type { DropReason } from '../metrics.ts';
import type { Mark } from '../output.ts';
import type { Batch } from '../sink.ts';
import { openSpool, type Spool, type SpoolOptions } from './spool.ts';

/** A batch in its turn, with how far each file is done when it has been sent. */
export interface Queued extends Batch {
  readonly marks: Map<string, Mark>;
  readonly since: number;
  /** Nobody needs the body any more. */
  release(): void;
}

export interface WaitingOptions {
  /** What may wait in memory. */
  readonly bytes: number;
  readonly required: boolean;
  readonly whenFull: 'dropOldest' | 'dropNewest';
  readonly spool?: SpoolOptions | undefined;
  dropped(reason: DropReason, records: number): void;
}

/** The batches of one output that wait for their turn: in memory, and behind those on disk. */
export interface Waiting {
  /** Takes a batch; where it does not fit and nobody waits for it, something is given up. */
  push(batch: Queued): void;
  /** The next one to send; stays until `shift`. */
  first(): Queued | undefined;
  shift(): void;
  last(): Queued | undefined;
  bytes(): number;
  records(): number;
  spooledBytes(): number;
  /** Puts everything on the disk, if there is one. */
  save(): void;
}

export function createWaiting(options: WaitingOptions): Waiting {
  const queue: Queued[] = [];
  const spool: Spool | undefined = options.spool && openSpool(options.spool);
  let bytes = 0;
  let fromSpool: Queued | undefined;

  const drop = (reason: DropReason, batch: Queued) => {
    options.dropped(reason, batch.records);
    batch.release();
  };
  const spill = (to: Spool, batch: Queued) => {
    try {
      while (!to.push(batch)) {
        const kept = fromSpool === undefined ? 0 : 1; // what is being sent cannot be given up
        const canDrop = options.whenFull === 'dropOldest' && to.count() > kept;
        if (!canDrop) return drop('spool_full', batch);
        options.dropped('spool_full', to.remove(kept));
      }
      batch.release();
    } catch {
      drop('spool_failed', batch);
    }
  };
  /** What waits in memory is older than what is on the disk. */
  const saveOne = (to: Spool, batch: Queued) => {
    try {
      if (!to.unshift(batch)) options.dropped('spool_full', batch.records);
    } catch {
      options.dropped('spool_failed', batch.records);
    }
  };
  const makeRoom = (batch: Queued): boolean => {
    if (options.whenFull === 'dropNewest') return false;
    // The first is being sent; what comes behind it goes.
    while (queue.length > 1 && bytes + batch.body.length > options.bytes) {
      for (const oldest of queue.splice(1, 1)) {
        bytes -= oldest.body.length;
        drop('queue_full', oldest);
      }
    }
    return bytes + batch.body.length <= options.bytes;
  };
  return {
    push(batch) {
      const fits = options.required || bytes + batch.body.length <= options.bytes;
      if (spool !== undefined && (!fits || spool.count() > 0)) return spill(spool, batch);
      if (!fits && !makeRoom(batch)) return drop('queue_full', batch);
      queue.push(batch);
      bytes += batch.body.length;
    },
    first() {
      const [first] = queue;
      if (first !== undefined || spool === undefined) return first;
      while (fromSpool === undefined && spool.count() > 0) {
        fromSpool = readSpool(spool);
        // It cannot be read: others behind it may.
        if (fromSpool === undefined) options.dropped('spool_failed', spool.remove(0));
      }
      return fromSpool;
    },
    shift() {
      if (fromSpool !== undefined) {
        fromSpool = undefined;
        spool?.remove(0);
        return;
      }
      const sent = queue.shift();
      bytes -= sent?.body.length ?? 0;
      sent?.release();
    },
    last: () => queue.at(-1),
    bytes: () => bytes,
    records: () => queue.reduce((sum, { records }) => sum + records, 0),
    spooledBytes: () => spool?.bytes() ?? 0,
    save() {
      if (spool === undefined) return;
      for (const batch of queue.splice(0).reverse()) saveOne(spool, batch);
      bytes = 0;
    },
  };
}

function readSpool(spool: Spool): Queued | undefined {
  try {
    const batch = spool.oldest();
    return batch && { ...batch, marks: new Map(), since: performance.now(), release: () => {} };
  } catch {
    return undefined;
  }
}
