import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { awaitUntil } from '../../await-until.ts';
import type { RunningPod } from './kubelet.ts';
import type { Replacements } from './played-manifest.ts';

/** What an example must do before its pod is believed. */
export interface Example {
  readonly replacements?: Replacements;
  readonly job?: string;
  /** A counter of the app that rises as the app works. */
  readonly rises: string;
  /** What else must have data. */
  readonly gives?: readonly string[];
  /** Makes the app work, and proves what the containers in front of it do. */
  work?(pod: RunningPod): Promise<void>;
}

const ask = async (pod: RunningPod, path: string, init: RequestInit = {}, port = 7100) => {
  const options = { ...init, signal: AbortSignal.timeout(5000) };
  const response = await fetch(`http://${pod.ip}:${port}${path}`, options);
  return { status: response.status, text: await response.text() };
};

/** The app is behind the ambassador, where no probe reaches it, and may start after it. */
const opened = (pod: RunningPod, path: string, init: RequestInit = {}) =>
  awaitUntil(async () => (await ask(pod, path, init)).status !== 502, {
    what: `${pod.name} answers behind its ambassador`,
  });

const key = { headers: { 'x-api-key': 'try-me' } };
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = JSON.stringify({
  keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }],
});
const tokenFor = (subject: string, groups: readonly string[]) =>
  new SignJWT({ groups })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer('https://login.example.com/realms/shop')
    .setAudience('orders')
    .setSubject(subject)
    .setExpirationTime('5m')
    .sign(privateKey);

/** One for each folder of `examples/` with a pod that stays. */
export const exampleCases: Readonly<Record<string, Example>> = {
  pod: {
    rises: 'shop_orders_total',
    gives: [
      'shop_healthy == 1',
      'shop_shelf_items{shelf="tea"}',
      'shop_log_lines_total{level="info"}',
      'podmates_ambassador_refusals_total{reason="no_credential"} > 0',
      'podmates_adapter_source_up{source="logTail"} == 1',
      'podmates_log_tail_lines_total',
    ],
    async work(pod) {
      await opened(pod, '/health');
      assert.equal((await ask(pod, '/orders/', { method: 'POST' })).status, 401);
      assert.equal((await ask(pod, '/orders/', { method: 'POST', ...key })).status, 201);
      assert.match((await ask(pod, '/orders/', key)).text, /"for":"alice"/);
      assert.equal((await ask(pod, '/stats', key)).status, 403);
      assert.equal((await ask(pod, '/health')).status, 200);
    },
  },
  'log-tail-files': {
    rises: 'billing_log_lines_total{level="info"}',
    gives: ['billing_invoice_seconds_count > 0'],
    async work(pod) {
      const said = await awaitUntil(
        async () => {
          const text = await pod.logs('log-tail');
          return text.includes('invoice written') && text;
        },
        { timeoutMs: 20_000, what: 'lines on standard output' },
      );
      assert.doesNotMatch(said, /customer\d+@example/, 'an address was not masked');
      assert.doesNotMatch(said, /unpaid orders/, 'a debug line came through');
      assert.match(said, /"pod":"billing"/);
    },
  },
  'log-tail-custom': {
    rises: 'podmates_log_tail_output_sent_records_total{output="stdout"}',
    gives: ['podmates_log_tail_output_failures_total{output="chat"}'],
    async work(pod) {
      const said = await awaitUntil(
        async () => {
          const text = await pod.logs('log-tail');
          const regions = ['"country":"de","region":"eu"', '"region":"elsewhere"'];
          return regions.every((one) => text.includes(one)) && text;
        },
        { timeoutMs: 20_000, what: 'lines with a region on standard output' },
      );
      assert.doesNotMatch(said, /"country":"test"/, 'a test customer came through');
    },
  },
  'log-tail-nginx': {
    rises: 'nginx_requests_total{method="GET",status="200"}',
    gives: ['nginx_response_bytes_total > 0'],
    work: async (pod) => {
      assert.equal((await ask(pod, '/', {}, 8080)).status, 200);
    },
  },
  'ambassador-jwt': {
    rises: 'podmates_ambassador_requests_total{code="200"}',
    replacements: [[`'{"keys": []}'`, `'${jwks}'`]],
    async work(pod) {
      const with_ = async (token: string, method = 'GET') =>
        ask(pod, '/orders/7', { method, headers: { authorization: `Bearer ${token}` } });
      assert.equal((await ask(pod, '/orders/7')).status, 401);
      const reader = await tokenFor('ann', ['readers']);
      await opened(pod, '/health');
      assert.match((await with_(reader)).text, /"user":"ann","groups":"readers"/);
      assert.equal((await with_(reader, 'DELETE')).status, 403);
      assert.equal((await with_(await tokenFor('eve', ['editors']), 'DELETE')).status, 200);
    },
  },
  'ambassador-api-key': {
    rises: 'podmates_ambassador_requests_total{code="200"}',
    async work(pod) {
      assert.equal((await ask(pod, '/partners/x')).status, 401);
      await opened(pod, '/partners/x', key);
      assert.match((await ask(pod, '/partners/x', key)).text, /"user":"alice"/);
    },
  },
  'ambassador-metrics': {
    job: 'kubernetes-pods-token',
    rises: 'payroll_pages_served_total',
    replacements: [
      ['server: https://kubernetes.default.svc', 'server: http://API'],
      [
        'subjectAccessReview: true',
        'subjectAccessReview: true\n          auth: { bearer: { env: HOSTNAME } }\n          tls: {}\n          allowHttp: true',
      ],
    ],
    async work(pod) {
      assert.equal((await ask(pod, '/metrics')).status, 401);
      const headers = { authorization: 'Bearer somebody' };
      assert.equal((await ask(pod, '/metrics', { headers })).status, 401);
    },
  },
  'adapter-json': {
    rises: 'worker_jobs_total',
    gives: ['worker_queue_jobs{queue="images"} == 8', 'worker_phase', 'worker_build_info'],
  },
  'adapter-preset': {
    rises: 'podmates_adapter_collections_total',
    gives: ['{__name__=~"nats_.+"}'],
  },
  'adapter-custom': {
    rises: 'scale_weight_kilograms{belt="belt-1"}',
    gives: ['scale_healthy{belt="belt-2"} == 0'],
  },
  run: {
    rises: 'press_pages_total',
    gives: ['press_ink_ratio <= 1', 'press_log_lines_total{level="info"} > 0'],
  },
};
