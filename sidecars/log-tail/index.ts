import { createReadiness } from '../core/admin/readiness.ts';
import { type AdminServer, createAdminServer } from '../core/admin/server.ts';
import type { StatusSection } from '../core/admin/status.ts';
import type { Container, Surroundings } from '../core/container.ts';
import { deadlineIn } from '../core/lifecycle.ts';
import type { LogTailConfig } from './config.ts';
import type { FileReport } from './follow/report.ts';
import { createPipeline } from './pipeline.ts';

export { type LogTailConfig, logTailSchema } from './config.ts';
export type { FollowedFile, LogRecord } from './record.ts';
export {
  type Rehearsal,
  type RehearsalOptions,
  type RehearsedRecord,
  rehearse,
} from './rehearse.ts';
export { defineTransform, type TransformDefinition } from './shape/transform.ts';
export { defineSink, type OpenSink, type SinkDefinition } from './ship/receivers/module-sink.ts';
export { SendError, type SendErrorOptions } from './ship/sink.ts';

/**
 * The log-tail container: follows log files and delivers their lines.
 * @param config the parsed section `logTail:`, from {@link logTailSchema}
 */
export function createLogTail(
  config: LogTailConfig,
  surroundings: Surroundings,
): Container<LogTailConfig> {
  const readiness = createReadiness();
  const pipeline = createPipeline(config, surroundings, readiness);
  let current = config;
  let started = false;
  readiness.check('following', () => ({ ok: started }));
  const openAdmin = ({ admin }: LogTailConfig): AdminServer | undefined =>
    admin === false
      ? undefined
      : createAdminServer({
          container: 'log-tail',
          listen: admin.listen,
          metrics: surroundings.metrics,
          readiness,
          config: () => current,
          status: () => [describeFiles(pipeline.files()), pipeline.outputs()],
          routes: (app) => void app.get('/files', async () => pipeline.files()),
        });
  let admin = openAdmin(config);

  return {
    finished: pipeline.finished,
    async start() {
      await admin?.start();
      await pipeline.start();
      started = true;
    },
    async stop(deadline) {
      readiness.drain();
      const limit = deadlineIn(current.shutdown.deadline, deadline);
      const left = await pipeline.stop(limit);
      await admin?.stop();
      return { left };
    },
    ready: readiness.report,
    addresses: () => (admin === undefined ? {} : { admin: admin.address() }),
    async reload(next) {
      const moves = JSON.stringify(next.admin) !== JSON.stringify(current.admin);
      const former = admin;
      const replacement = moves ? openAdmin(next) : admin;
      if (moves) await replacement?.start();
      try {
        await pipeline.reload(next);
      } catch (error) {
        if (moves) await replacement?.stop();
        throw error;
      }
      current = next;
      admin = replacement;
      if (moves) await former?.stop();
    },
  };
}

function describeFiles(files: readonly FileReport[]): StatusSection {
  return {
    title: 'Files',
    columns: ['input', 'path', 'state', 'size', 'read to', 'delivered to', 'lag', 'behind for'],
    rows: files.map(({ input, path, state, size, offset, acknowledged, lag, behindSeconds }) => [
      ...[input, path, state, size, offset, acknowledged, lag],
      lag === 0 ? '' : `${behindSeconds.toFixed(1)} s`,
    ]),
    empty: 'No file matches the paths yet.',
  };
}
