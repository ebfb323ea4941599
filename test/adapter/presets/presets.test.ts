import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintPage, presetNames, readPreset } from '../../../sidecars/adapter/index.ts';
import { compileMapping } from '../../../sidecars/adapter/map/compile.ts';
import type { Rule } from '../../../sidecars/adapter/map/schema.ts';
import { pageOf } from '../draft/draft-page.ts';
import { collectPreset } from './collect-preset.ts';
import { serveRecorded } from './recorded-app.ts';

/** Metrics that the recorded app had no reason to have. */
const absent: Readonly<Record<string, readonly string[]>> = {
  bind: [
    'bind_recursive_clients',
    'bind_cache_record_sets',
    'bind_resolver_events_total',
    'bind_resolver_queries_total',
  ],
  'php-fpm': ['phpfpm_memory_peak_bytes'],
  rabbitmq: [
    'rabbitmq_messages_delivered_total',
    'rabbitmq_messages_acknowledged_total',
    'rabbitmq_messages_redelivered_total',
    'rabbitmq_queue_messages_delivered_total',
    'rabbitmq_queue_messages_acknowledged_total',
    'rabbitmq_queue_messages_redelivered_total',
  ],
};

/** A line or two of each page, to see that the numbers are the right ones. */
const expected: Readonly<Record<string, readonly string[]>> = {
  bind: [
    'bind_incoming_queries_total{type="A"} 1',
    'bind_zone_serial{view="_default",zone="shop.test"} 1',
  ],
  caddy: ['caddy_upstream_requests{upstream="127.0.0.1:43103"} 0'],
  couchdb: [
    'couchdb_request_duration_seconds{quantile="0.999"} 0.0402',
    'couchdb_memory_bytes{kind="binary"} 800000',
  ],
  elasticsearch: [
    'elasticsearch_cluster_status{cluster="shop",elasticsearch_cluster_status="yellow"} 1',
    'elasticsearch_gc_seconds_total{collector="young",node="shop-os-0"} 0.098',
  ],
  envoy: [
    'envoy_certificate_lifetime_seconds 31536000',
    'envoy_cluster_responses_total{cluster="app",code="2xx"} 3',
    'envoy_cluster_connect_failures_total{cluster="dead"} 1',
    'envoy_cluster_timeouts_total{cluster="app"} 1',
    'envoy_cluster_retries_total{cluster="app"} 2',
    'envoy_cluster_overflows_total{cluster="full"} 2',
    'envoy_http_requests_total{listener="ingress_http"} 10',
  ],
  etcd: ['etcd_raft_state{etcd_raft_state="StateLeader"} 1', 'etcd_raft_has_leader 1'],
  expvar: ['expvar_gc_cycles_total 2'],
  haproxy: [
    'haproxy_server_up{proxy="apps",server="dead"} 0',
    'haproxy_server_up{proxy="apps",server="alive"} 1',
  ],
  nats: [
    'nats_messages_total{direction="in"} 4',
    'nats_stream_messages{stream="ORDERS"} 2',
    'nats_consumer_pending{consumer="mailer",stream="ORDERS"} 2',
  ],
  node: ['node_process_active_resources 1'],
  'php-fpm': [
    'phpfpm_processes{pool="www",state="idle"} 1',
    'phpfpm_start_timestamp_seconds{pool="www"} 1795691917',
  ],
  rabbitmq: ['rabbitmq_queue_messages_ready{queue="orders",vhost="/"} 1'],
  'spring-boot': [
    'spring_health{spring_health="UP"} 1',
    'spring_component_up{component="ping"} 1',
    'spring_jvm_gc_pause_seconds_total 0.01',
    'spring_http_server_errors_total 1',
  ],
};

test('there is a preset for each of the apps that we promise', () => {
  const promised =
    'bind caddy couchdb elasticsearch envoy etcd expvar haproxy nats node php-fpm rabbitmq spring-boot';
  assert.deepEqual(presetNames, promised.split(' '));
});

for (const preset of presetNames) {
  test(`the preset ${preset} makes all of its metrics of a recorded app`, async () => {
    const app = await serveRecorded(preset);
    try {
      const { text, sources, conflicts } = await collectPreset(preset, app.url);
      for (const { name, error, dropped } of sources) {
        assert.equal(error, undefined, name);
        assert.deepEqual(
          dropped.filter(({ quiet }) => quiet !== true),
          [],
          name,
        );
      }
      assert.deepEqual(conflicts, []);
      assert.deepEqual(lintPage(text), []);
      const missing = metricNames(preset).filter((name) => !text.includes(`# TYPE ${name} `));
      assert.deepEqual(missing, absent[preset] ?? []);
      const lines = text.split('\n');
      for (const line of expected[preset] ?? ['nothing is expected']) {
        assert.ok(lines.includes(line), `${line} is not in\n${text}`);
      }
    } finally {
      await app.close();
    }
  });
}

function metricNames(preset: string): string[] {
  const names = Object.values(readPreset(preset).endpoints).flatMap(({ metrics }) =>
    namesOf(metrics),
  );
  return [...new Set(names)];
}

function namesOf(rules: readonly Rule[]): string[] {
  return rules.flatMap((rule) => {
    if ('each' in rule) return namesOf(rule.metrics);
    const type = types.find((key) => Object.hasOwn(rule, key)) ?? '';
    return Object.entries(rule).flatMap(([key, name]) => (key === type ? [String(name)] : []));
  });
}

const types = ['counter', 'gauge', 'untyped', 'info', 'stateset', 'histogram', 'summary'];

/** What Envoy says at `server.days_until_first_cert_expiring` when it has no certificate. */
test('an Envoy without a certificate has no lifetime of one', () => {
  const mapping = compileMapping(readPreset('envoy').endpoints['stats']?.metrics ?? [], {
    prefix: '',
    labels: {},
  });
  const { text } = pageOf((collector) => {
    const name = 'server.days_until_first_cert_expiring';
    mapping.run({ stats: [{ name, value: 4294967295 }] }, collector);
  });
  assert.doesNotMatch(text, /certificate/);
});
