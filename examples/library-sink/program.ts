// Log-tail in a program of one's own, with an output that podmates does not have.
import { createLogger, createMetrics } from 'podmates';
import { createLogTail, logTailSchema } from 'podmates/log-tail';

const logs = process.env['LOG_DIR'] ?? '/var/log/app';
const logTail = createLogTail(
  logTailSchema.parse({
    admin: { listen: process.env['LISTEN'] ?? ':7101' },
    state: process.env['STATE_DIR'] ?? '/var/lib/podmates',
    inputs: { app: { paths: [`${logs}/*.log`], format: 'json' } },
    steps: [{ keep: 'level == "error"' }],
    outputs: {
      pager: {
        type: 'module',
        module: `${import.meta.dirname}/pager.ts`,
        options: { url: process.env['PAGER_URL'] ?? 'http://127.0.0.1:9000/pages' },
        batch: { wait: '200ms' },
      },
    },
  }),
  { logger: await createLogger({ name: 'pager' }), metrics: createMetrics('log-tail') },
);

process.once('SIGTERM', async () => {
  const { left } = await logTail.stop();
  process.exitCode = left.length === 0 ? 0 : 1;
});
await logTail.start();
console.log(JSON.stringify(logTail.addresses()));
