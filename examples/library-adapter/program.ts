// An adapter in a program of one's own: what `podmates adapter` does, with the config in code.
import { createLogger, createMetrics } from 'podmates';
import { adapterSchema, createAdapter } from 'podmates/adapter';

const adapter = createAdapter(
  adapterSchema.parse({
    admin: { listen: process.env['LISTEN'] ?? ':7103' },
    sources: {
      cache: {
        module: `${import.meta.dirname}/memcached.ts`,
        options: { host: '127.0.0.1', port: Number(process.env['MEMCACHED_PORT'] ?? 11211) },
      },
    },
  }),
  { logger: await createLogger({ name: 'memcached-adapter' }), metrics: createMetrics('adapter') },
);

process.once('SIGTERM', async () => {
  const { left } = await adapter.stop();
  process.exitCode = left.length === 0 ? 0 : 1;
});
await adapter.start();
console.log(JSON.stringify(adapter.addresses()));
