import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { logTailSchema } from '../../../sidecars/log-tail/config.ts';
import type { Labels } from '../../../sidecars/log-tail/ship/encode/document.ts';
import { openKafkaSink } from '../../../sidecars/log-tail/ship/receivers/kafka.ts';
import {
  createKafkaEncoder,
  readMessages,
} from '../../../sidecars/log-tail/ship/receivers/kafka-message.ts';
import { deliver } from '../delivery-harness.ts';

// A broker itself is asked in test/apps/kafka.test.ts.

const parse = (kafka: Record<string, unknown>) =>
  logTailSchema.safeParse({ inputs: { app: { paths: ['/unused'] } }, outputs: { kafka } });

test('what is wrong with a kafka output is said at its place', () => {
  const wrong: readonly [Record<string, unknown>, string, RegExp][] = [
    [{ brokers: [], topic: 'logs' }, 'outputs.kafka.brokers', /Too small/],
    [{ brokers: ['kafka'], topic: 'logs' }, 'outputs.kafka.brokers.0', /expected HOST:PORT/],
    [{ brokers: ['kafka:9092'], topic: 'lögs' }, 'outputs.kafka.topic', /expected up to 249/],
    [{ brokers: ['kafka:9092'], topic: 'logs', acks: 'none' }, 'outputs.kafka.acks', /"leader"/],
    [
      {
        brokers: ['kafka:9092'],
        topic: 'logs',
        sasl: { mechanism: 'plain', username: 'u', password: 'written down' },
      },
      'outputs.kafka.sasl.password',
      /does not belong into the config/,
    ],
  ];
  for (const [kafka, path, message] of wrong) {
    const issues = parse(kafka).error?.issues ?? [];
    assert.deepEqual(
      issues.map((issue) => issue.path.join('.')),
      [path],
    );
    assert.match(issues[0]?.message ?? '', message);
  }
});

const record = (fields: Record<string, unknown>, path = 'a.log') => ({
  file: { id: path, path, input: 'app' },
  offset: 0,
  next: 1,
  text: JSON.stringify(fields),
  fields,
  isJson: true,
  time: 1795392000123.456,
  level: undefined,
});
const encode = (
  key: string | undefined,
  labels: Labels,
  ...records: ReturnType<typeof record>[]
) => {
  const encoder = createKafkaEncoder({ as: 'original', key }, labels);
  for (const one of records) encoder.add(one);
  return readMessages(encoder.finish(Buffer.allocUnsafe));
};

test('the key is a field or a label; without one a file keeps to one partition', () => {
  const [first, second, third] = encode('user', {}, record({ user: 7 }), record({}), record({}));
  assert.equal(first?.key, '7');
  assert.equal(first?.partition, undefined);
  assert.equal(second?.key, undefined);
  assert.equal(second?.partition, third?.partition);
  assert.deepEqual(first?.headers, { input: 'app', file: 'a.log' });
  assert.equal(first?.time, 1795392000123);
  const [labelled] = encode('pod', { pod: 'p1' }, record({}));
  assert.equal(labelled?.key, 'p1');
  assert.deepEqual(labelled?.headers, { pod: 'p1', input: 'app', file: 'a.log' });
});

test('a broker that is not there is tried again, and holds the checkpoint', async (t) => {
  const { give, acknowledged, metric } = await deliver(t, {
    outputs: {
      kafka: { brokers: ['127.0.0.1:1'], topic: 'logs', batch: { wait: '1ms' }, timeout: '300ms' },
    },
  });
  give('one\n');
  const failures = 'podmates_log_tail_output_failures_total';
  await t.waitFor(async () => assert.ok((await metric(failures, { output: 'kafka' })) > 0), {
    timeout: 5000,
  });
  assert.equal(acknowledged(), 0);
});

test('without the client the error names the output and what to install', async () => {
  const config = parse({ brokers: ['127.0.0.1:1'], topic: 'logs' }).data?.outputs['kafka'];
  assert.equal(config?.type, 'kafka');
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== '@platformatic/kafka') return next(specifier, context);
      throw new Error(`Cannot find package '${specifier}' imported from here`);
    },
  });
  try {
    await assert.rejects(openKafkaSink('bus', config, {}), {
      code: 'ERR_MODULE',
      message:
        'logTail.outputs.bus: the kafka output needs the package @platformatic/kafka: npm install @platformatic/kafka@2, or an image FROM podmates/log-tail with it',
    });
  } finally {
    hooks.deregister();
  }
});
