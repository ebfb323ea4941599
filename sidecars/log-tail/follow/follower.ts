import {
  closeSync,
  fstatSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pause } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { FollowMetrics } from '../metrics.ts';
import type { Acknowledge, FollowedFile, LineConsumer } from '../record.ts';
import type { FollowConfig } from './config.ts';

export interface FollowerOptions {
  readonly inputs: Readonly<Record<string, FollowConfig>>;
  /** The directory of the checkpoint; without one, a restart begins anew. */
  readonly state: string | undefined;
  readonly consumer: LineConsumer;
  readonly logger: Logger;
  readonly metrics: FollowMetrics;
}

/** A followed file as `/files` shows it. */
export interface FileReport {
  readonly id: string;
  readonly input: string;
  readonly path: string;
  readonly size: number;
  readonly offset: number;
  readonly acknowledged: number;
  readonly lag: number;
}

export interface Follower {
  /** Takes up the checkpoint and begins to read. */
  start(): Promise<void>;
  readonly acknowledge: Acknowledge;
  /** The consumer has room again. */
  resume(): void;
  /** Reads on until nothing has grown for `quietMs`, then hands on unfinished last lines. */
  settle(quietMs: number, deadline: AbortSignal): Promise<void>;
  /** Writes the checkpoint and closes the files. */
  close(): Promise<void>;
  files(): readonly FileReport[];
}

interface Generation {
  readonly file: { id: string; path: string; input: string };
  readonly fd: number;
  offset: number;
  acknowledged: number;
  size: number;
  gone: boolean;
}

const blockBytes = 256 * 1024;

export function createFollower(options: FollowerOptions): Follower {
  const { inputs, state, consumer, metrics } = options;
  const known = new Map<string, Generation>();
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let full = false;
  let timer: NodeJS.Timeout | undefined;
  let lastGrowth = performance.now();

  const saved = new Map<string, number>(state === undefined ? [] : load(state));
  const scan = () => {
    const seen = new Set<string>();
    for (const [input, { paths = [], exclude }] of Object.entries(inputs)) {
      for (const path of globSync(paths, { exclude })) {
        const stats = statSync(path, { throwIfNoEntry: false });
        if (!stats?.isFile()) continue;
        const id = `${stats.dev}-${stats.ino}`;
        seen.add(id);
        const one = known.get(id);
        if (one) one.file.path = path;
        else {
          const at = Math.min(saved.get(id) ?? 0, stats.size);
          known.set(id, {
            file: { id, path, input },
            fd: openSync(path, 'r'),
            offset: at,
            acknowledged: at,
            size: 0,
            gone: false,
          });
        }
      }
    }
    for (const [id, one] of known) one.gone = !seen.has(id);
  };
  const read = (one: Generation) => {
    const { size } = fstatSync(one.fd);
    if (size < one.offset) one.offset = one.acknowledged = 0;
    one.size = size;
    while (!full && one.offset < size) {
      const count = readSync(one.fd, block, 0, blockBytes, one.offset);
      const end = block.lastIndexOf(10, count - 1) + 1;
      if (count === 0 || end === 0) return;
      hand(one, end, false);
    }
  };
  const hand = (one: Generation, end: number, partial: boolean) => {
    const bytes = block.subarray(0, end);
    const offset = one.offset;
    one.offset += end;
    lastGrowth = performance.now();
    const { input } = one.file;
    metrics.bytes.inc({ input }, end);
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1))
      metrics.lines.inc({ input });
    full = !consumer.take({ file: one.file, bytes, offset, next: one.offset, partial, cut: 0 });
  };
  const look = () => {
    scan();
    for (const [id, one] of known) {
      if (!full) read(one);
      if (one.gone && one.offset >= one.size) {
        closeSync(one.fd);
        known.delete(id);
      }
    }
  };
  const tick = () => {
    look();
    timer = setTimeout(tick, 100);
  };
  const save = () => {
    if (state === undefined) return;
    mkdirSync(state, { recursive: true });
    const entries = [...known].map(([id, { acknowledged }]) => [id, acknowledged]);
    writeFileSync(join(state, 'checkpoint.tmp'), JSON.stringify(entries));
    renameSync(join(state, 'checkpoint.tmp'), join(state, 'checkpoint'));
  };
  const saving = setInterval(save, 1000).unref();
  return {
    async start() {
      tick();
    },
    acknowledge(file: FollowedFile, offset: number) {
      const one = known.get(file.id);
      if (one) one.acknowledged = Math.max(one.acknowledged, offset);
    },
    resume() {
      full = false;
      setImmediate(look);
    },
    async settle(quietMs, deadline) {
      lastGrowth = performance.now();
      while (!deadline.aborted && performance.now() - lastGrowth < quietMs)
        await pause(20, deadline);
      clearTimeout(timer);
      for (const one of known.values()) {
        const count = full ? 0 : readSync(one.fd, block, 0, blockBytes, one.offset);
        if (count > 0) hand(one, count, true);
      }
    },
    async close() {
      clearTimeout(timer);
      clearInterval(saving);
      save();
      for (const { fd } of known.values()) closeSync(fd);
      known.clear();
    },
    files: () =>
      [...known.values()].map(({ file, size, offset, acknowledged }) => ({
        ...file,
        size,
        offset,
        acknowledged,
        lag: size - acknowledged,
      })),
  };
}

function load(state: string): [string, number][] {
  try {
    return JSON.parse(readFileSync(join(state, 'checkpoint'), 'utf8'));
  } catch {
    return [];
  }
}
