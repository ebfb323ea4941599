import type { Generation, Turn } from './generations/generation.ts';

/** A followed file as `/files` shows it. Sizes and offsets in bytes. */
export interface FileReport {
  readonly id: string;
  readonly input: string;
  readonly path: string;
  /** The name that the app wrote it under. */
  readonly log: string;
  readonly state: 'live' | 'rotated' | 'gone';
  readonly open: boolean;
  readonly size: number;
  /** Read up to here. */
  readonly offset: number;
  /** Delivered up to here. */
  readonly acknowledged: number;
  /** Not yet delivered. */
  readonly lag: number;
  /** How long ago everything of it had been delivered; 0 when it is. */
  readonly behindSeconds: number;
  readonly turns: readonly Turn[];
}

export function describeFile(generation: Generation, open: boolean): FileReport {
  const { file, log, rotated, goneAt, size, offset, acknowledged, cleanAt, turns } = generation;
  const lag = Math.max(0, Math.max(size, offset) - acknowledged);
  return {
    ...file,
    log,
    state: goneAt !== undefined ? 'gone' : rotated ? 'rotated' : 'live',
    open,
    size,
    offset,
    acknowledged,
    lag,
    behindSeconds: lag > 0 ? Math.round(performance.now() - cleanAt) / 1000 : 0,
    turns: [...turns],
  };
}
