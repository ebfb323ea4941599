import { createReadiness, type Readiness } from '../core/admin/readiness.ts';
import { type AdminOptions, type AdminServer, createAdminServer } from '../core/admin/server.ts';
import type { Container, Surroundings } from '../core/container.ts';
import { PodmatesError } from '../core/errors.ts';
import { deadlineIn, pause, startInOrder, stopInReverse } from '../core/lifecycle.ts';
import { createListener } from './accept/listener.ts';
import { createTls } from './accept/tls.ts';
import { clientAuthorityFiles } from './authenticate/config.ts';
import { createAuthMetrics } from './authenticate/metrics.ts';
import type { AmbassadorConfig } from './config.ts';
import { createExposureWatch } from './forward/exposure/watch.ts';
import { createAmbassadorMetrics } from './metrics.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { type AmbassadorExtensions, createGate, type Gate } from './policy/gate.ts';
import { describeStatus } from './status.ts';
import { createAccessLog } from './visit/access-log.ts';
import { explainRoute } from './visit/explain/endpoint.ts';
import { type Explanation, explain, type Question } from './visit/explain/explain.ts';
import { createTracer } from './visit/trace.ts';

export { hashKey } from './authenticate/api-key/hash.ts';
export type { Inquiry } from './authenticate/authenticator.ts';
export {
  type Answer,
  type AuthenticatorDefinition,
  type AuthenticatorTools,
  type Caller,
  defineAuthenticator,
} from './authenticate/define.ts';
export { hashPassword } from './authenticate/htpasswd/hash.ts';
export {
  type AuthorizerDefinition,
  type AuthorizerTools,
  defineAuthorizer,
  type Petition,
} from './authorize/authorizer.ts';
export { type AmbassadorConfig, ambassadorSchema } from './config.ts';
export type { AmbassadorExtensions } from './policy/gate.ts';
export type { ExplainedFinding, Explanation, Question } from './visit/explain/explain.ts';

/**
 * The only way in: judges every request, forwards those that may.
 *
 * @param config as {@link ambassadorSchema} parsed it
 */
export function createAmbassador(
  config: AmbassadorConfig,
  { logger, metrics, ...own }: Surroundings & AmbassadorExtensions,
): Container<AmbassadorConfig> {
  const counted = createAmbassadorMetrics(metrics, {
    underWay: () => pipeline.underWay,
    connections: () => listener.connections(),
  });
  const authMetrics = createAuthMetrics(metrics);
  const readiness = createReadiness();
  let gate = createGate(config, { logger, authMetrics, own });

  const pipeline: Pipeline = createPipeline({
    policy: () => gate.policy,
    metrics: counted,
    logger,
    accessLog: createAccessLog(logger, () => gate.config.accessLog),
    tracer: createTracer(),
  });
  const tls = config.tls && createTls({ ...config.tls, ...askFor(config), logger, metrics });
  const { listen: address, limits, http2, h2c } = config;
  const listener = createListener({ address, limits, http2, h2c, tls }, pipeline);
  const adminServer = openAdmin(config, {
    metrics,
    readiness,
    config: () => gate.config,
    status: () => describeStatus(gate, pipeline.underWay),
    routes: explainRoute(config.explain, () => gate),
  });
  const exposure = createExposureWatch(() => gate.upstreams, logger);
  const parts = [adminServer ?? {}, { start: () => gate.start(), stop: () => gate.stop() }];
  return {
    async start() {
      addChecks(gate, readiness);
      await startInOrder([...parts, listener, exposure]);
    },
    async stop(deadline) {
      readiness.drain();
      listener.drain();
      exposure.stop();
      tls?.stop();
      const { delay, deadline: limit } = gate.config.shutdown;
      const end = deadline ?? deadlineIn(limit);
      await pause(delay, end);
      const closed = listener.close();
      pipeline.goAway();
      await Promise.race([closed, aborted(end)]);
      const left = pipeline.underWay;
      listener.closeAll();
      await stopInReverse(parts);
      return { left: left === 0 ? [] : [`${left} requests were cut off`] };
    },
    ready: () => readiness.report(),
    async reload(changed) {
      refuseFixed(gate.config, changed);
      const next = createGate(changed, { logger, authMetrics, own });
      await next.start();
      const last = gate;
      gate = next;
      removeChecks(last, readiness);
      addChecks(next, readiness);
      listener.adjust(changed.limits);
      await last.stop();
    },
    addresses: () => ({
      http: listener.address(),
      ...(adminServer === undefined ? {} : { admin: adminServer.address() }),
    }),
  };
}

/**
 * What a config would make of a request, step by step; see {@link explain}.
 *
 * @throws what a start would: a key file that is wrong, a module that cannot be loaded
 */
export async function explainRequest(
  config: AmbassadorConfig,
  { logger, metrics, ...own }: Surroundings & AmbassadorExtensions,
  question: Question,
): Promise<Explanation> {
  const gate = createGate(config, { logger, authMetrics: createAuthMetrics(metrics), own });
  try {
    await gate.start();
    return await explain(gate, question, deadlineIn(30_000));
  } finally {
    await gate.stop();
  }
}

function openAdmin(
  { admin }: AmbassadorConfig,
  options: Omit<AdminOptions, 'container' | 'listen'>,
): AdminServer | undefined {
  if (admin === false) return undefined;
  return createAdminServer({ container: 'ambassador', listen: admin.listen, ...options });
}

/** Whose certificates callers are asked for. */
function askFor({ auth }: AmbassadorConfig) {
  return { clientAuthorities: clientAuthorityFiles(auth) };
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

/** @throws PodmatesError ERR_CONFIG for what only a restart can change */
function refuseFixed(now: AmbassadorConfig, changed: AmbassadorConfig): void {
  const fixed = (config: AmbassadorConfig) => ({
    listen: config.listen,
    admin: config.admin,
    explain: config.explain,
    tls: config.tls,
    http2: config.http2,
    h2c: config.h2c,
    'auth (the ca files of mtls)': clientAuthorityFiles(config.auth),
    'limits.head': config.limits.head,
  });
  const before = fixed(now);
  for (const [key, value] of Object.entries(fixed(changed))) {
    if (JSON.stringify(value) === JSON.stringify(Reflect.get(before, key))) continue;
    throw new PodmatesError('ERR_CONFIG', `ambassador.${key} changes only with a restart`);
  }
}

function addChecks({ authenticators }: Gate, readiness: Readiness): void {
  for (const [name, { check }] of authenticators) {
    if (check !== undefined) readiness.check(`auth.${name}`, check);
  }
}

function removeChecks({ authenticators }: Gate, readiness: Readiness): void {
  for (const name of authenticators.keys()) readiness.remove(`auth.${name}`);
}
