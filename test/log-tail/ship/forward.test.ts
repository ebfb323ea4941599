import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver } from '../delivery-harness.ts';
import { createFluentd } from './doubles/fluentd.ts';
import { createRandom } from './doubles/receiver.ts';

test('Fluentd gets events by tag, with their time to the microsecond, and acknowledges them', async (t) => {
  const fluentd = await createFluentd(t);
  const { give, untilAcknowledged } = await deliver(t, {
    inputs: { app: { paths: ['/unused'] }, web: { paths: ['/unused-too'] } },
    labels: { pod: 'p1' },
    outputs: { forward: { address: fluentd.address, batch: { wait: '20ms' } } },
  });
  give('{"ts":"2026-11-23T00:00:00.123456Z","n":1,"nested":{"a":[true,null]}}\n');
  give('ünïcode\n', { input: 'web', file: 'web.log' });
  await untilAcknowledged();
  await untilAcknowledged('web.log');
  assert.deepEqual(fluentd.errors, []);
  assert.equal(fluentd.chunks.length, 2);
  const [first, second] = fluentd.events;
  assert.equal(first?.tag, 'podmates.app');
  assert.ok(Math.abs((first?.time ?? 0) - 1795392000123.456) < 0.002);
  assert.deepEqual(first?.record, {
    input: 'app',
    file: 'app.log',
    pod: 'p1',
    ts: '2026-11-23T00:00:00.123456Z',
    n: 1,
    nested: { a: [true, null] },
  });
  assert.equal(second?.tag, 'podmates.web');
  assert.equal(second?.record['message'], 'ünïcode');
});

test('a field "time" that says something else is kept', async (t) => {
  const fluentd = await createFluentd(t);
  const { give, untilAcknowledged } = await deliver(t, {
    outputs: { forward: { address: fluentd.address, batch: { wait: '5ms' } } },
  });
  give('{"ts":"2026-11-23T00:00:00Z","time":0.35}\nplain\n');
  await untilAcknowledged();
  const [first, second] = fluentd.events;
  assert.equal(first?.record['time'], 0.35);
  assert.equal(second !== undefined && 'time' in second.record, false);
});

test('chunks that are not, or wrongly, acknowledged are sent again', async (t) => {
  const fluentd = await createFluentd(t);
  const random = createRandom(5);
  fluentd.react(() => {
    const dice = random();
    if (dice < 0.1) return 'silent';
    if (dice < 0.2) return 'wrong';
    return dice < 0.3 ? 'reset' : 'take';
  });
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      forward: {
        address: fluentd.address,
        batch: { bytes: '200B', wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
        timeout: '200ms',
      },
    },
  });
  const all = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  for (const line of all) give(`${line}\n`);
  await untilAcknowledged();
  assert.deepEqual(fluentd.errors, []);
  // An acknowledgement later than the timeout makes a chunk come twice: at least once, in order.
  assert.deepEqual([...new Set(fluentd.events.map(({ record }) => record['message']))], all);
  assert.ok((await metric('podmates_log_tail_output_failures_total', { reason: 'timeout' })) > 0);
  assert.ok((await metric('podmates_log_tail_output_failures_total', { reason: 'connect' })) > 0);
});
