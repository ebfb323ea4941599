import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver } from '../delivery-harness.ts';
import { createOtlp } from './doubles/otlp.ts';
import { failAtRandom } from './doubles/receiver.ts';

test('a collector gets resource, severity, body and attributes of every type', async (t) => {
  const otlp = await createOtlp(t);
  const { give, untilAcknowledged } = await deliver(t, {
    labels: { k8s_pod: 'p1' },
    outputs: {
      otlp: {
        url: `${otlp.url}/v1/logs`,
        resource: { 'service.name': 'shop' },
        batch: { wait: '5ms' },
      },
    },
  });
  give(
    '{"time":"2026-11-23T00:00:00Z","level":50,"msg":"boom","ms":1.5,"ok":false,"tags":["a",1],"http":{"status":500},"none":null}\nplain\n',
  );
  await untilAcknowledged();
  const [first, second] = otlp.records;
  assert.deepEqual(first, {
    resource: { k8s_pod: 'p1', 'service.name': 'shop' },
    timeUnixNano: '1795392000000000000',
    severityNumber: 17,
    severityText: 'ERROR',
    body: 'boom',
    attributes: {
      'log.file.path': 'app.log',
      'log.record.uid': 'app.log-0',
      time: '2026-11-23T00:00:00Z',
      level: 50,
      msg: 'boom',
      ms: 1.5,
      ok: false,
      tags: ['a', 1],
      http: { status: 500 },
      none: undefined,
    },
  });
  assert.equal(second?.body, 'plain');
  assert.equal(second?.severityNumber, undefined);
});

test('what the collector refuses in part is counted and not sent again', async (t) => {
  const otlp = await createOtlp(t);
  otlp.answerWith('{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}');
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: { otlp: { url: `${otlp.url}/v1/logs`, batch: { wait: '5ms' } } },
  });
  give('a\nb\nc\n');
  await untilAcknowledged();
  assert.equal(otlp.requests.length, 1);
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 2);
  assert.equal(await metric('podmates_log_tail_output_sent_records_total'), 1);
});

test('requests that fail at random cost no record and no order', async (t) => {
  const otlp = await createOtlp(t);
  otlp.fail(failAtRandom(11, 0.4));
  const { give, untilAcknowledged } = await deliver(t, {
    outputs: {
      otlp: {
        url: `${otlp.url}/v1/logs`,
        batch: { bytes: '1KiB', wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
      },
    },
  });
  const all = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  for (const line of all) give(`${line}\n`);
  await untilAcknowledged();
  assert.deepEqual(
    otlp.records.map(({ body }) => body),
    all,
  );
});
