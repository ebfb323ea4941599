import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { lintPage } from '../../sidecars/adapter/index.ts';
import { collectPreset } from '../adapter/presets/collect-preset.ts';
import { awaitUntil } from '../await-until.ts';
import { installPackages } from './install.ts';
import { startBind } from './programs/bind.ts';
import { startCaddy } from './programs/caddy.ts';
import { startEtcd } from './programs/etcd.ts';
import { startHaproxy } from './programs/haproxy.ts';
import { startNats } from './programs/nats.ts';
import { startPhpFpm } from './programs/php-fpm.ts';
import type { Program } from './programs/program.ts';
import { startRabbitmq } from './programs/rabbitmq.ts';

interface Case {
  readonly start: () => Promise<Program>;
  /** Keys of the source beside preset and url. */
  readonly source?: Readonly<Record<string, unknown>>;
  /** Lines that come onto the page sooner or later. */
  readonly lines: readonly RegExp[];
}

process.env['APPS_TEST_PASSWORD'] = 'guest';
before(() =>
  installPackages(
    'nats-server',
    'rabbitmq-server',
    'caddy',
    'haproxy',
    'bind9',
    'etcd-server',
    'php8.2-fpm',
    'nginx-light',
    'prometheus',
  ),
);

const cases: Readonly<Record<string, Case>> = {
  nats: {
    start: startNats,
    lines: [
      /^nats_connections 1$/m,
      /^nats_stream_messages\{stream="ORDERS"\} 2$/m,
      /^nats_consumer_pending\{consumer="mailer",stream="ORDERS"\} 2$/m,
    ],
  },
  rabbitmq: {
    start: startRabbitmq,
    source: { auth: { basic: { username: 'guest', password: { env: 'APPS_TEST_PASSWORD' } } } },
    lines: [
      /^rabbitmq_queues 1$/m,
      /^rabbitmq_queue_messages_ready\{queue="orders",vhost="\/"\} 1$/m,
      /^rabbitmq_node_running\{node="[^"]+"\} 1$/m,
    ],
  },
  caddy: {
    start: startCaddy,
    lines: [
      /^caddy_upstream_requests\{upstream="127\.0\.0\.1:\d+"\} 0$/m,
      /^caddy_upstream_recent_failures\{upstream="127\.0\.0\.1:\d+"\} 1$/m,
    ],
  },
  haproxy: {
    start: startHaproxy,
    lines: [
      /^haproxy_server_up\{proxy="apps",server="alive"\} 1$/m,
      /^haproxy_server_up\{proxy="apps",server="dead"\} 0$/m,
      /^haproxy_frontend_requests_total\{proxy="shop"\} 3$/m,
    ],
  },
  bind: {
    start: startBind,
    lines: [
      /^bind_incoming_queries_total\{type="A"\} 1$/m,
      /^bind_zone_serial\{view="_default",zone="shop\.test"\} 1$/m,
    ],
  },
  etcd: {
    start: startEtcd,
    lines: [/^etcd_raft_state\{etcd_raft_state="StateLeader"\} 1$/m, /^etcd_heap_objects \d+$/m],
  },
  'php-fpm': {
    start: startPhpFpm,
    lines: [
      /^phpfpm_pool_info\{pool="www",process_manager="dynamic"\} 1$/m,
      /^phpfpm_processes\{pool="www",state="active"\} 1$/m,
      /^phpfpm_accepted_connections_total\{pool="www"\} [1-9]/m,
    ],
  },
};

for (const [preset, { start, source = {}, lines }] of Object.entries(cases)) {
  test(`the preset ${preset} against the real program`, { timeout: 180_000 }, async () => {
    const program = await start();
    try {
      const text = await awaitUntil(
        async () => {
          const page = await collectPreset(preset, program.url, source);
          for (const { name, error, dropped } of page.sources) {
            assert.equal(error, undefined, name);
            assert.deepEqual(
              dropped.filter(({ quiet }) => quiet !== true),
              [],
              name,
            );
          }
          for (const line of lines) assert.match(page.text, line);
          return page.text;
        },
        { timeoutMs: 30_000, what: `the page of ${preset}` },
      );
      assert.deepEqual(lintPage(text), []);
      await promtoolCheck(text);
    } finally {
      await program.stop();
    }
  });
}

/** Rejects with what promtool says when it finds a fault. */
async function promtoolCheck(page: string): Promise<void> {
  const checked = promisify(execFile)('promtool', ['check', 'metrics']);
  checked.child.stdin?.end(page);
  await checked;
}
