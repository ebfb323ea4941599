import { describeError, PodmatesError } from '../../../core/errors.ts';

/**
 * What we use of `@platformatic/kafka`. Its own declarations do not compile without skipLibCheck,
 * which would be asked of all who use ours.
 */
export interface KafkaClient {
  readonly Producer: new (options: ProducerOptions) => Producer;
}

export interface ProducerOptions {
  readonly clientId: string;
  readonly bootstrapBrokers: string[];
  /** -1: all replicas in sync; 1: the leader. */
  readonly acks: -1 | 1;
  readonly idempotent: boolean;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly autocreateTopics: boolean;
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly tls?: object;
  readonly tlsServerName?: string | boolean;
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    readonly password: () => string;
  };
}

export interface Producer {
  send(options: { messages: ProducedMessage[]; acks: -1 | 1 }): Promise<unknown>;
  close(force: boolean): Promise<void>;
}

export interface ProducedMessage {
  readonly topic: string;
  readonly key?: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
  readonly timestamp: bigint;
  readonly partition?: number;
}

const packageName: string = '@platformatic/kafka';

/**
 * Loads the client, an optional peer dependency, only when an output asks for it.
 *
 * @param output its name, for the error
 * @throws PodmatesError ERR_MODULE when it is not installed
 */
export async function loadKafkaClient(output: string): Promise<KafkaClient> {
  try {
    return await import(packageName);
  } catch (cause) {
    const said = describeError(cause);
    const missing = said.includes(`Cannot find package '${packageName}'`);
    const text = missing
      ? `the kafka output needs the package ${packageName}: npm install ${packageName}@2, or an image FROM podmates/log-tail with it`
      : `cannot load ${packageName}: ${said}`;
    throw new PodmatesError('ERR_MODULE', `logTail.outputs.${output}: ${text}`, { cause });
  }
}
