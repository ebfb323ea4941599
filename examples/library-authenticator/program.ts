// The ambassador in a program of one's own, with a credential that podmates does not know.
import { createLogger, createMetrics } from 'podmates';
import { ambassadorSchema, createAmbassador, defineAuthenticator } from 'podmates/ambassador';

const guests: ReadonlyMap<string, readonly string[]> = new Map([
  ['gold', ['guests', 'lounge']],
  ['blue', ['guests']],
]);

const badge = defineAuthenticator({
  challenge: 'Badge',
  credentialHeaders: ['x-badge'],
  authenticate(inquiry) {
    const shown = inquiry.header('x-badge');
    if (shown === undefined) return undefined;
    const groups = guests.get(shown);
    return groups === undefined ? { rejected: 'unknown_badge' } : { subject: shown, groups };
  },
});

const ambassador = createAmbassador(
  ambassadorSchema.parse({
    listen: process.env['LISTEN'] ?? ':7100',
    admin: { listen: process.env['ADMIN_LISTEN'] ?? ':7102' },
    upstream: { url: process.env['APP_URL'] ?? 'http://127.0.0.1:8080' },
    auth: { badge: { type: 'custom', use: 'badge' } },
    routes: [
      { path: '/lounge/**', auth: ['badge'], require: { groups: ['lounge'] } },
      { path: '/**', auth: ['badge'] },
    ],
    shutdown: { delay: '0s' },
  }),
  {
    logger: await createLogger({ name: 'doorman' }),
    metrics: createMetrics('ambassador'),
    authenticators: { badge },
  },
);

process.once('SIGTERM', async () => {
  const { left } = await ambassador.stop();
  process.exitCode = left.length === 0 ? 0 : 1;
});
await ambassador.start();
console.log(JSON.stringify(ambassador.addresses()));
