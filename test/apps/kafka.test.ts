import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { deliver, makeDirectory } from '../log-tail/delivery-harness.ts';
import { startKafka } from './programs/kafka.ts';

// Its declarations do not compile without skipLibCheck: see ship/kafka-client.ts.
const packageName: string = '@platformatic/kafka';
const { Admin, Consumer } = await import(packageName);

interface Message {
  readonly key: Buffer | undefined;
  readonly value: Buffer;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
}

interface Read {
  readonly key: string | undefined;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes a topic, and reads all that comes to it. */
async function openTopic(t: TestContext, broker: string, topic: string): Promise<Read[]> {
  const options = { clientId: 'tester', bootstrapBrokers: [broker] };
  const admin = new Admin(options);
  await admin.createTopics({
    topics: [topic],
    partitions: 1,
    replicas: 1,
    configs: [{ name: 'max.message.bytes', value: '20000' }],
  });
  await admin.close();
  const consumer = new Consumer({
    ...options,
    groupId: `tester-${topic}`,
    retries: true,
    retryDelay: 200,
  });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const read: Read[] = [];
  stream.on('data', ({ key, value, headers }: Message) => {
    const pairs = [...headers].map(([name, text]) => [name.toString(), text.toString()]);
    read.push({
      key: key?.toString(),
      value: value.toString(),
      headers: Object.fromEntries(pairs),
    });
  });
  stream.on('error', () => {}); // the broker is killed under it
  t.after(() => consumer.close(true).catch(() => {}));
  return read;
}

test('Kafka', { timeout: 240_000 }, async (t) => {
  const kafka = await startKafka();
  t.after(kafka.stop);
  const section = (topic: string, more: Record<string, unknown> = {}) => ({
    labels: { pod: 'p1' },
    outputs: {
      kafka: {
        brokers: [kafka.address],
        topic,
        batch: { wait: '5ms' },
        retry: { min: '10ms', max: '200ms' },
        timeout: '5s',
        ...more,
      },
    },
  });

  await t.test('lines come in order, with key and headers, gzipped', async (t) => {
    const read = await openTopic(t, kafka.address, 'order');
    const { give, untilAcknowledged } = await deliver(
      t,
      section('order', { key: 'user', compress: 'gzip' }),
    );
    const lines = Array.from({ length: 500 }, (_, n) => `{"user":"u${n % 3}","n":${n}}`);
    for (const line of lines) give(`${line}\n`);
    await untilAcknowledged();
    await awaitUntil(() => read.length >= lines.length, { what: 'all lines' });
    assert.deepEqual(
      read.map(({ value }) => value),
      lines,
    );
    assert.equal(read[4]?.key, 'u1');
    assert.deepEqual(read[4]?.headers, { pod: 'p1', input: 'app', file: 'app.log' });
  });

  await t.test('what is too large goes to the dead letters, the rest goes on', async (t) => {
    const rejected = join(makeDirectory(t), 'rejected');
    const read = await openTopic(t, kafka.address, 'large');
    const { give, untilAcknowledged } = await deliver(
      t,
      section('large', { rejected: { path: rejected } }),
    );
    const large = 'x'.repeat(30_000);
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n} ${'y'.repeat(2000)}`);
    give(`${[...lines.slice(0, 10), large, ...lines.slice(10)].join('\n')}\n`);
    await untilAcknowledged();
    await awaitUntil(() => read.length >= lines.length, { what: 'all lines' });
    assert.deepEqual(
      read.map(({ value }) => value),
      lines,
    );
    const letters = readFileSync(rejected, 'utf8').trimEnd().split('\n');
    assert.equal(letters.length, 1);
    const letter: { reason: string; record: string } = JSON.parse(letters[0] ?? '');
    assert.match(letter.reason, /MESSAGE_TOO_LARGE/);
    assert.equal(letter.record, large);
  });

  await t.test('a missing topic and a wrong password are said, and tried again', async (t) => {
    const wrong: readonly [Record<string, unknown>, RegExp][] = [
      [{ topic: 'missing' }, /topic missing: Unknown topic missing/],
      [
        {
          topic: 'order',
          brokers: [kafka.saslAddress],
          sasl: { mechanism: 'plain', username: 'tester', password: { env: 'PATH' } },
        },
        /SASL_AUTHENTICATION_FAILED|[Aa]uthentication/,
      ],
    ];
    for (const [more, message] of wrong) {
      const { give, delivery, acknowledged } = await deliver(t, section('x', more));
      give('one\n');
      const said = () => JSON.stringify(delivery.status());
      await awaitUntil(
        () => {
          assert.match(said(), message);
          return true;
        },
        { what: String(message) },
      );
      assert.equal(acknowledged(), 0);
    }
  });

  await t.test('killed in the middle, it misses no line', async (t) => {
    const read = await openTopic(t, kafka.address, 'killed');
    const { give, acknowledged, given } = await deliver(t, section('killed'));
    const lines = Array.from({ length: 300 }, (_, n) => `line ${n}`);
    for (const line of lines.slice(0, 100)) give(`${line}\n`);
    await awaitUntil(() => read.length > 0, { what: 'the first line' });
    await kafka.kill();
    for (const line of lines.slice(100, 200)) give(`${line}\n`);
    await kafka.start();
    for (const line of lines.slice(200)) give(`${line}\n`);
    await awaitUntil(() => acknowledged() === given(), { timeoutMs: 60_000, what: 'all of it' });
    await awaitUntil(() => new Set(read.map(({ value }) => value)).size === lines.length, {
      timeoutMs: 60_000,
      what: 'every line',
    });
    assert.deepEqual([...new Set(read.map(({ value }) => value))], lines);
  });
});
