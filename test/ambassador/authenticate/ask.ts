import type { TestContext } from 'node:test';
import type {
  Authenticator,
  Finding,
  Inquiry,
} from '../../../sidecars/ambassador/authenticate/authenticator.ts';
import {
  type AuthenticatorSurroundings,
  createAuthenticators,
} from '../../../sidecars/ambassador/authenticate/builtin.ts';
import { authSchema } from '../../../sidecars/ambassador/authenticate/config.ts';
import { createAuthMetrics } from '../../../sidecars/ambassador/authenticate/metrics.ts';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';

export interface Provider extends Authenticator {
  /** Asks with these headers, as a request to GET /orders would. */
  ask(
    headers?: Readonly<Record<string, string>>,
    more?: Partial<Inquiry>,
  ): Promise<Finding> | Finding;
  bearer(token: string): Promise<Finding> | Finding;
  /** The value of one of its own metrics, such as `auth_total{result="proved"}`. */
  metric(name: string): Promise<number>;
}

/** One authenticator, made from config as users write it, started, and stopped after the test. */
export async function provider(
  test: TestContext,
  config: Readonly<Record<string, unknown>>,
  extensions: Pick<AuthenticatorSurroundings, 'authenticators'> = {},
): Promise<Provider> {
  const metrics = createMetrics('ambassador');
  const authenticators = createAuthenticators(authSchema.parse({ it: config }), {
    ...extensions,
    logger: await createLogger({ name: 'test', level: 'silent', format: 'json' }),
    metrics: createAuthMetrics(metrics),
  });
  const it = authenticators.get('it');
  if (it === undefined) throw new Error('not made');
  test.after(() => it.stop?.());
  await it.start?.();
  const ask: Provider['ask'] = (headers = {}, more = {}) =>
    it.authenticate(inquiry(headers, more), AbortSignal.timeout(30_000));
  return Object.assign(it, {
    ask,
    bearer: (token: string) => ask({ authorization: `Bearer ${token}` }),
    metric: async (name: string) => readMetric(await metrics.render(), name),
  });
}

export function inquiry(
  headers: Readonly<Record<string, string>>,
  more: Partial<Inquiry> = {},
): Inquiry {
  return {
    method: 'GET',
    path: '/orders',
    query: '',
    host: 'shop.example',
    remoteAddress: '192.0.2.7',
    clientCertificate: undefined,
    header: (name) => headers[name],
    ...more,
  };
}

function readMetric(page: string, name: string): number {
  const [, base = name, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(name) ?? [];
  const wanted = labels === '' ? [] : labels.split(',');
  const line = page
    .split('\n')
    .find(
      (one) =>
        one.startsWith(`podmates_ambassador_${base}{`) &&
        wanted.every((label) => one.includes(label)),
    );
  if (line === undefined) throw new Error(`no metric ${name} in:\n${page}`);
  return Number(line.split(' ').at(-1));
}

/** What came of it in few words: `joe`, `rejected: expired`, `absent`. */
export function brief(finding: Finding): string {
  if (finding.kind === 'proved') return finding.identity.subject;
  return 'reason' in finding ? `${finding.kind}: ${finding.reason}` : finding.kind;
}
