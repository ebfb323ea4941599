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
  readonly partition: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
}

interface Read {
  readonly partition: number;
  readonly key: string | undefined;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes a topic, and reads all that comes to it. */
async function openTopic(
  t: TestContext,
  broker: string,
  topic: string,
  partitions = 1,
): Promise<Read[]> {
  const options = { clientId: 'tester', bootstrapBrokers: [broker] };
  const admin = new Admin(options);
  await admin.createTopics({
    topics: [topic],
    partitions,
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
  stream.on('data', ({ partition, key, value, headers }: Message) => {
    const pairs = [...headers].map(([name, text]) => [name.toString(), text.toString()]);
    read.push({
      partition,
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
  process.env['KAFKA_PASSWORD'] = 'secret';
  process.env['KAFKA_WRONG_PASSWORD'] = 'wrong';
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

  await t.test('a key has one partition, and so has a file without keys', async (t) => {
    const read = await openTopic(t, kafka.address, 'spread', 4);
    const { give, untilAcknowledged } = await deliver(
      t,
      section('spread', { key: 'user', compress: 'zstd' }),
    );
    const keyed = Array.from({ length: 200 }, (_, n) => `{"user":"u${n % 20}","n":${n}}`);
    for (const line of keyed) give(`${line}\n`);
    const plain = Array.from({ length: 50 }, (_, n) => `line ${n}`);
    for (const line of plain) give(`${line}\n`, { file: 'other.log' });
    await untilAcknowledged();
    await untilAcknowledged('other.log');
    await awaitUntil(() => read.length >= keyed.length + plain.length, { what: 'all lines' });
    const used = new Set(read.filter(({ key }) => key !== undefined).map((one) => one.partition));
    assert.ok(used.size > 1, `keys went to ${used.size} partition`);
    for (let user = 0; user < 20; user++) {
      const own = read.filter(({ key }) => key === `u${user}`);
      assert.deepEqual(
        own.map(({ value }) => value),
        keyed.filter((line) => line.includes(`"u${user}"`)),
      );
      assert.equal(new Set(own.map((one) => one.partition)).size, 1);
    }
    const other = read.filter(({ headers }) => headers['file'] === 'other.log');
    assert.deepEqual(
      other.map(({ value }) => value),
      plain,
    );
    assert.equal(new Set(other.map((one) => one.partition)).size, 1);
  });

  await t.test('over TLS, by SCRAM', async (t) => {
    for (const mechanism of ['scram-sha-256', 'scram-sha-512']) {
      const read = await openTopic(t, kafka.address, mechanism);
      const { give, untilAcknowledged } = await deliver(
        t,
        section(mechanism, {
          brokers: [kafka.tlsAddress],
          tls: { ca: kafka.ca },
          sasl: { mechanism, username: 'tester', password: { env: 'KAFKA_PASSWORD' } },
        }),
      );
      give('one\n');
      await untilAcknowledged();
      await awaitUntil(() => read.length === 1, { what: 'the line' });
    }
  });

  await t.test('what the broker refuses is said, with its place, and tried again', async (t) => {
    const wrongPassword = { username: 'tester', password: { env: 'KAFKA_WRONG_PASSWORD' } };
    const wrong: readonly [Record<string, unknown>, string][] = [
      [{ topic: 'missing' }, `kafka ${kafka.address}, topic missing: Unknown topic missing.`],
      [
        { brokers: [kafka.saslAddress], sasl: { mechanism: 'plain', ...wrongPassword } },
        `kafka ${kafka.saslAddress}, topic order: SASL_AUTHENTICATION_FAILED: check sasl's username and password`,
      ],
      [
        {
          brokers: [kafka.tlsAddress],
          tls: { ca: kafka.ca },
          sasl: { mechanism: 'scram-sha-512', ...wrongPassword },
        },
        `kafka ${kafka.tlsAddress}, topic order: SASL_AUTHENTICATION_FAILED: check sasl's username and password`,
      ],
      [
        { brokers: [kafka.tlsAddress], tls: {} },
        `kafka ${kafka.tlsAddress}, topic order: unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca`,
      ],
    ];
    const says: string[] = [];
    for (const [more, message] of wrong) {
      const { give, delivery, acknowledged } = await deliver(t, section('order', more));
      give('one\n');
      const said = await awaitUntil(() => delivery.status().rows[0]?.at(-1) || undefined, {
        what: message,
      });
      says.push(String(said));
      assert.equal(acknowledged(), 0);
    }
    assert.deepEqual(
      says,
      wrong.map(([, message]) => message),
    );
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
