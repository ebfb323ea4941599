import { isIP } from 'node:net';
import { readTls } from '../../../core/http/tls.ts';
import { openDeadline } from '../../../core/lifecycle.ts';
import type { OutputOf } from '../config.ts';
import type { Labels } from '../encode/document.ts';
import { type Rejection, SendError, type Sink } from '../sink.ts';
import { loadKafkaClient, type Producer, type ProducerOptions } from './kafka-client.ts';
import { describeKafkaError, isTooLarge } from './kafka-error.ts';
import { createKafkaEncoder, type KafkaMessage, readMessages } from './kafka-message.ts';

type KafkaConfig = OutputOf<'kafka'>;

const mechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

/**
 * A topic of Kafka. With acks: all the producer is idempotent: what the client itself sends again
 * within a batch's timeout is there once.
 *
 * @param name of the output, for the error
 * @throws PodmatesError ERR_MODULE when the client, an optional peer dependency, is not installed
 */
export async function openKafkaSink(
  name: string,
  config: KafkaConfig,
  labels: Labels,
): Promise<Sink> {
  const client = await loadKafkaClient(name);
  let producer: Producer | undefined;
  const drop = async () => {
    const old = producer;
    producer = undefined;
    await old?.close(true).catch(() => {});
  };
  return {
    encoder: createKafkaEncoder(config, labels),
    async send({ body }, signal) {
      const limit = openDeadline(config.timeout, signal);
      try {
        producer ??= new client.Producer(producerOptions(config));
        const work = sendSplitting(producer, config, readMessages(body));
        return { rejected: await orAborted(work, limit.signal) };
      } catch (error) {
        // An attempt that goes on behind our back would write its records out of order.
        void drop();
        throw toSendError(config, error, limit.expired());
      } finally {
        limit.close();
      }
    },
    close: drop,
  };
}

function producerOptions(config: KafkaConfig): ProducerOptions {
  const { brokers, clientId, acks, compress, tls, sasl, timeout } = config;
  const { servername, ...files } = readTls(tls);
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    acks: acks === 'all' ? -1 : 1,
    idempotent: acks === 'all',
    compression: compress,
    autocreateTopics: false,
    timeout,
    connectTimeout: timeout,
    requestTimeout: timeout,
    retries: 2,
    retryDelay: 200,
    ...(tls === undefined
      ? {}
      : { tls: files, tlsServerName: servername ?? !isIP(hostOf(brokers)) }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: mechanisms[sasl.mechanism],
            username: sasl.username,
            password: () => sasl.password.read(),
          },
        }),
  };
}

/** An address has no name to ask for (RFC 6066 section 3). */
function hostOf([first = '']: readonly string[]): string {
  return first.slice(0, first.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

/**
 * A broker refuses a batch as a whole when it is larger than the topic allows: halves of it, in
 * order, until the record that is too large stands alone. Where keys spread a batch over partitions,
 * those that took their part get it again.
 */
async function sendSplitting(
  producer: Producer,
  config: KafkaConfig,
  messages: readonly KafkaMessage[],
): Promise<Rejection[]> {
  try {
    await producer.send({
      messages: messages.map((one) => toProduce(config.topic, one)),
      acks: config.acks === 'all' ? -1 : 1,
    });
    return [];
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const [only] = messages;
    if (messages.length === 1 && only !== undefined) {
      return [{ reason: describeKafkaError(error), record: only.value }];
    }
    const middle = messages.length >>> 1;
    const first = await sendSplitting(producer, config, messages.slice(0, middle));
    return [...first, ...(await sendSplitting(producer, config, messages.slice(middle)))];
  }
}

function toProduce(topic: string, { key, value, headers, time, partition }: KafkaMessage) {
  const pairs = Object.entries(headers);
  return {
    topic,
    value: Buffer.from(value),
    headers: new Map(pairs.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    timestamp: BigInt(time),
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    ...(partition === undefined ? {} : { partition }),
  };
}

function toSendError({ brokers, topic, timeout }: KafkaConfig, cause: unknown, timedOut: boolean) {
  const what = timedOut ? `did not answer in ${timeout} ms` : describeKafkaError(cause);
  const reason = timedOut ? 'timeout' : 'connect';
  const place = `kafka ${brokers.join(',')}, topic ${topic}`;
  return new SendError(`${place}: ${what}`, { reason, retryable: true, cause });
}

/** The client knows no signals. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
