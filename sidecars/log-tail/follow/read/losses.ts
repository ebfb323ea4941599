import type { Logger } from '../../../core/logger.ts';
import type { FollowMetrics, LossReason } from '../../metrics.ts';
import { type Generation, note, unread } from '../generations/generation.ts';

/** Says, counts and remembers what could not be read any more. */
export type RecordLoss = (generation: Generation, reason: LossReason, bytes?: number) => void;

export function createLossRecord(metrics: FollowMetrics, logger: Logger): RecordLoss {
  return (generation, reason, bytes = unread(generation)) => {
    if (bytes <= 0) return;
    const { input, path, id } = generation.file;
    metrics.lostBytes.inc({ input, reason }, bytes);
    metrics.losses.inc({ input, reason });
    note(generation, `lost ${bytes} bytes: ${reason}`);
    logger.warn({ input, path, id, bytes, reason }, 'lost what could not be read any more');
  };
}
