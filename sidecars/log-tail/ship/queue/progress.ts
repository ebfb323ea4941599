import type { Acknowledge, FollowedFile } from '../../record.ts';
import type { Mark, Output } from '../output.ts';

/** Keeps account of how far each required output is with each file. */
export interface Progress {
  /** Lines of a file are about to be given out that begin here. */
  begin(file: FollowedFile, offset: number): void;
  /**
   * Everything of the file before the offset has been given to all outputs, or left out.
   * @param holding whether what was read behind it is held back, and so comes later
   */
  give(mark: Mark, outputs: readonly Output[], holding: boolean): void;
  /** A required output has all that was given to it before the mark. */
  reach(output: Output, mark: Mark): void;
  /** The output does not count any more. */
  forget(output: Output): void;
}

interface FileProgress {
  file: FollowedFile;
  given: number;
  acknowledged: number;
  holding: boolean;
  /** Of the outputs that do not have all yet, up to where they do. */
  readonly behind: Map<Output, number>;
}

export function createProgress(acknowledge: Acknowledge): Progress {
  const files = new Map<string, FileProgress>();
  const settle = (progress: FileProgress) => {
    let done = progress.given;
    for (const offset of progress.behind.values()) done = Math.min(done, offset);
    if (done > progress.acknowledged) {
      progress.acknowledged = done;
      acknowledge(progress.file, done);
    }
    if (progress.behind.size === 0 && !progress.holding) files.delete(progress.file.id);
  };
  return {
    begin(file, offset) {
      const known = files.get(file.id);
      if (known !== undefined) known.file = file;
      else {
        const fresh = { file, given: offset, acknowledged: offset, holding: true };
        files.set(file.id, { ...fresh, behind: new Map() });
      }
    },
    give(mark, outputs, holding) {
      const progress = files.get(mark.file.id);
      if (progress === undefined) return;
      const before = progress.given;
      progress.given = Math.max(before, mark.offset);
      progress.holding = holding;
      const required = outputs.filter((output) => output.required);
      for (const output of required) {
        if (!progress.behind.has(output)) progress.behind.set(output, before);
      }
      for (const output of required) output.mark(mark);
      settle(progress);
    },
    reach(output, { file, offset }) {
      const progress = files.get(file.id);
      if (progress === undefined) return;
      if (offset >= progress.given) progress.behind.delete(output);
      else if (progress.behind.has(output)) progress.behind.set(output, offset);
      settle(progress);
    },
    forget(output) {
      for (const progress of [...files.values()]) {
        if (progress.behind.delete(output)) settle(progress);
      }
    },
  };
}
