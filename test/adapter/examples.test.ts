import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAdapter } from '../../sidecars/adapter/index.ts';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics } from '../../sidecars/core/metrics.ts';
import { readAdapter, readStrictly } from './collect.ts';

const example = (path: string) => join(import.meta.dirname, '../../examples', path);

/** The lines of a page that one source makes, without those of the adapter itself. */
async function scrape(context: TestContext, source: string): Promise<readonly string[]> {
  const config = readAdapter(
    `adapter:\n  admin: { listen: "127.0.0.1:0" }\n  sources:\n    app: ${source}\n`,
  );
  const logger = await createLogger({ name: 'adapter', level: 'silent', format: 'json' });
  const adapter = createAdapter(config, { logger, metrics: createMetrics('adapter') });
  await adapter.start();
  context.after(() => adapter.stop());
  const page = await (await fetch(`http://${adapter.addresses()['admin']}/metrics`)).text();
  assert.deepEqual(readStrictly(page, false).faults, []);
  assert.match(page, /^podmates_adapter_source_up\{source="app"\} 1$/m);
  return page.split('\n').filter((line) => /^(?!#|podmates_|process_|$)/.test(line));
}

function fileWith(context: TestContext, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-example-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'stats');
  writeFileSync(file, content);
  return file;
}

test('a transform of JSON that no mapping expresses', async (context) => {
  const jobs = [
    { queue: 'mail', queuedAt: '2026-01-02T03:04:05Z', attempts: 1 },
    { queue: 'mail', queuedAt: '2026-01-02T03:03:05Z', attempts: 4 },
    { queue: 'bills', queuedAt: '2026-01-02T03:04:00Z', attempts: 0 },
  ];
  const file = fileWith(context, JSON.stringify({ now: '2026-01-02T03:05:05Z', jobs }));
  const module = example('adapter-custom/oldest-job.ts');
  assert.deepEqual(await scrape(context, `{ file: "${file}", module: "${module}" }`), [
    'queue_oldest_job_age_seconds{queue="mail"} 120',
    'queue_oldest_job_age_seconds{queue="bills"} 65',
    'queue_job_attempts_max{queue="mail"} 4',
    'queue_job_attempts_max{queue="bills"} 0',
  ]);
});

test('a status in bytes', async (context) => {
  const record = Buffer.from([0, 0, 4, 210, 0, 3, 1, 254, 2, 0, 0, 0, 0, 0, 14, 16]);
  const module = example('adapter-custom/binary-status.ts');
  const source = `{ file: "${fileWith(context, record)}", module: "${module}" }`;
  assert.deepEqual(await scrape(context, source), [
    'press_cycles_total 1234',
    'press_faults_total 3',
    'press_temperature_celsius 51',
    'press_state{press_state="off"} 0',
    'press_state{press_state="starting"} 0',
    'press_state{press_state="running"} 1',
    'press_state{press_state="halted"} 0',
  ]);
});

test('lines of text', async (context) => {
  const file = fileWith(context, 'belt-1;net=1250;ok\nbelt-2;net=0;jammed\n');
  const module = example('adapter-custom/readings.ts');
  const source = `{ file: "${file}", module: "${module}", options: { unit: grams } }`;
  assert.deepEqual(await scrape(context, source), [
    'scale_weight_kilograms{belt="belt-1"} 1.25',
    'scale_weight_kilograms{belt="belt-2"} 0',
    'scale_healthy{belt="belt-1"} 1',
    'scale_healthy{belt="belt-2"} 0',
  ]);
});

test('an app that speaks no HTTP', async (context) => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.end(
        'STAT version 1.6.18\r\nSTAT cmd_get 42\r\nSTAT curr_items 7\r\nSTAT bytes 512\r\nEND\r\n',
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const module = example('library-adapter/memcached.ts');
  const source = `{ module: "${module}", options: { host: 127.0.0.1, port: ${port} } }`;
  assert.deepEqual(await scrape(context, source), [
    'memcached_commands_total{command="get"} 42',
    'memcached_items 7',
    'memcached_used_bytes 512',
    'memcached_version_info{version="1.6.18"} 1',
  ]);
});
