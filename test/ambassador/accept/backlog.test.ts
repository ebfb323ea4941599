import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ambassadorSchema, createAmbassador } from '../../../sidecars/ambassador/index.ts';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';

/** Opens connections one after the other, and says how many the kernel took within the time. */
const callers = `
  const { connect } = require('node:net');
  let open = 0;
  const end = () => { console.log(open); process.exit(); };
  const next = () => {
    if (open === 1000) return end();
    connect(Number(process.argv[1]), '127.0.0.1', () => { open++; next(); }).on('error', end);
  };
  setTimeout(end, 10_000);
  next();
`;

test('a thousand callers who come while nothing is accepted all get a connection', async (t) => {
  const config = ambassadorSchema.parse({
    listen: '127.0.0.1:0',
    admin: false,
    shutdown: { delay: '0s', deadline: '1s' },
    upstream: 'http://127.0.0.1:9',
    routes: [{ path: '/**', public: true }],
  });
  const metrics = createMetrics('ambassador');
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const ambassador = createAmbassador(config, { logger, metrics });
  await ambassador.start();
  t.after(() => ambassador.stop());
  const port = ambassador.addresses()['http']?.split(':').at(-1) ?? '';
  // This process stands still until the callers are done, so nothing leaves the kernel's queue.
  const { stdout } = spawnSync(process.execPath, ['-e', callers, port], { encoding: 'utf8' });
  assert.equal(Number(stdout), 1000);
});
