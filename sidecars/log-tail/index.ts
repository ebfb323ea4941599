import { createReadiness } from '../core/admin/readiness.ts';
import { type AdminServer, createAdminServer } from '../core/admin/server.ts';
import type { StatusSection } from '../core/admin/status.ts';
import type { Container, Surroundings } from '../core/container.ts';
import { deadlineIn } from '../core/lifecycle.ts';
import type { LogTailConfig } from './config.ts';
import type { FileReport } from './follow/report.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

export { type LogTailConfig, logTailSchema } from './config.ts';

/**
 * The log-tail container: follows log files and delivers their lines.
 * @param config the parsed section `logTail:`, from {@link logTailSchema}
 */
export function createLogTail(
  config: LogTailConfig,
  { logger, metrics }: Surroundings,
): Container<LogTailConfig> {
  const readiness = createReadiness();
  const running: { config: LogTailConfig; pipeline: Pipeline } = {
    config,
    pipeline: createPipeline(config, { logger, metrics }, readiness),
  };
  const admin = createAdmin(running, { logger, metrics }, readiness);
  let started = false;
  readiness.check('following', () => ({ ok: started }));
  return {
    finished: running.pipeline.finished,
    async start() {
      await admin?.start();
      await running.pipeline.start();
      started = true;
    },
    async stop(deadline) {
      readiness.drain();
      const limit = deadlineIn(running.config.shutdown.deadline, deadline);
      const left = await running.pipeline.stop(limit);
      await admin?.stop();
      return { left };
    },
    ready: readiness.report,
    addresses: () => (admin === undefined ? {} : { admin: admin.address() }),
    async reload() {
      throw new Error('not yet');
    },
  };
}

function createAdmin(
  running: { readonly config: LogTailConfig; readonly pipeline: Pipeline },
  { metrics }: Surroundings,
  readiness: ReturnType<typeof createReadiness>,
): AdminServer | undefined {
  const { admin } = running.config;
  if (admin === false) return undefined;
  return createAdminServer({
    container: 'log-tail',
    listen: admin.listen,
    metrics,
    readiness,
    config: () => running.config,
    status: () => [describeFiles(running.pipeline.files())],
    routes: (app) => void app.get('/files', async () => running.pipeline.files()),
  });
}

function describeFiles(files: readonly FileReport[]): StatusSection {
  return {
    title: 'Files',
    columns: ['input', 'path', 'size', 'read to', 'acknowledged to', 'lag'],
    rows: files.map((file) => [
      file.input,
      file.path,
      file.size,
      file.offset,
      file.acknowledged,
      file.lag,
    ]),
    empty: 'No file matches the paths yet.',
  };
}
