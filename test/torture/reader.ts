import { createReadiness } from '../../sidecars/core/admin/readiness.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { logTailSchema } from '../../sidecars/log-tail/config.ts';
import { createPipeline } from '../../sidecars/log-tail/pipeline.ts';

// A log-tail without its admin server, which starts faster: the config is the only argument. It says
// `ready` on standard error once it reads, and ends as the real one does.
const config = logTailSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const logger = await createLogger({ name: 'torture', level: 'info', format: 'json' });
const pipeline = createPipeline(
  config,
  { logger, metrics: createMetrics('log-tail') },
  createReadiness(),
);
const keepAlive = setInterval(() => {}, 2 ** 30);
process.once('SIGTERM', async () => {
  const left = await pipeline.stop(AbortSignal.timeout(config.shutdown.deadline));
  clearInterval(keepAlive);
  if (left.length > 0) process.stderr.write(`left: ${left.join('; ')}\n`);
  process.exit(left.length === 0 ? 0 : 1);
});
await pipeline.start();
process.stderr.write('ready\n');
