import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver } from '../delivery-harness.ts';
import { createLoki } from './doubles/loki.ts';
import { failAtRandom } from './doubles/receiver.ts';

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `L${from + at}\n`).join('');

test('Loki gets streams by labels, nanoseconds, tenant and structured metadata', async (t) => {
  const loki = await createLoki(t);
  const { give, untilAcknowledged } = await deliver(t, {
    inputs: { app: { paths: ['/unused'], format: 'json' } },
    labels: { namespace: 'shop' },
    outputs: {
      loki: {
        url: `${loki.url}/loki/api/v1/push`,
        tenant: 'team-a',
        labels: { namespace: 'namespace', severity: 'level' },
        metadata: ['trace', 'n'],
        batch: { wait: '10ms' },
        compress: 'gzip',
      },
    },
  });
  give(
    '{"time":"2026-11-23T01:02:03.456789Z","level":"info","trace":"t1","n":7,"msg":"é\\"\\n"}\n',
  );
  give('{"time":1763862431000,"level":"warn"}\n');
  await untilAcknowledged();
  assert.equal(loki.requests[0]?.headers['x-scope-orgid'], 'team-a');
  assert.equal(loki.requests[0]?.headers['content-encoding'], 'gzip');
  assert.deepEqual(loki.entries, [
    {
      stream: { input: 'app', namespace: 'shop', severity: 'info' },
      time: '1795395723456789000',
      line: '{"time":"2026-11-23T01:02:03.456789Z","level":"info","trace":"t1","n":7,"msg":"é\\"\\n"}',
      metadata: { trace: 't1', n: '7' },
    },
    {
      stream: { input: 'app', namespace: 'shop', severity: 'warn' },
      time: '1763862431000000000',
      line: '{"time":1763862431000,"level":"warn"}',
      metadata: {},
    },
  ]);
});

test('requests that fail at random cost no line and no order', async (t) => {
  const loki = await createLoki(t);
  loki.fail(failAtRandom(7, 0.5));
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      loki: {
        url: `${loki.url}/loki/api/v1/push`,
        batch: { bytes: '64B', wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
      },
    },
  });
  for (let from = 1; from <= 400; from += 4) give(lines(from, from + 3));
  await untilAcknowledged();
  assert.equal(loki.entries.map(({ line }) => `${line}\n`).join(''), lines(1, 400));
  assert.equal(await metric('podmates_log_tail_output_sent_records_total'), 400);
  assert.ok((await metric('podmates_log_tail_output_failures_total')) > 10);
  assert.equal(await metric('podmates_log_tail_output_queue_bytes'), 0);
});

test('what Loki refuses with 400 does not hold up what comes behind it', async (t) => {
  const loki = await createLoki(t);
  let first = true;
  loki.fail(() => {
    const now = first;
    first = false;
    return now ? { status: 400, body: 'entry too far behind' } : undefined;
  });
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: { loki: { url: `${loki.url}/loki/api/v1/push`, batch: { wait: '5ms' } } },
  });
  give('refused\n');
  await untilAcknowledged();
  give('taken\n');
  await untilAcknowledged();
  assert.deepEqual(
    loki.entries.map(({ line }) => line),
    ['taken'],
  );
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 1);
});
