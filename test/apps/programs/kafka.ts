import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { awaitUntil } from '../../await-until.ts';
import { resolveJars } from './kafka-jars.ts';
import { freePorts, temporaryDirectory } from './program.ts';

/** For localhost; their authority is in `ca`. */
const certificates = join(import.meta.dirname, '../../ambassador/authenticate/certificates');

/** A broker that is its own controller (KRaft), in a folder that outlives its process. */
export interface Kafka {
  readonly address: string;
  /** Asks for a user and a password; user "tester", password "secret". */
  readonly saslAddress: string;
  /** The same user over TLS, by SCRAM. */
  readonly tlsAddress: string;
  /** File with the authority that signed the broker's certificate. */
  readonly ca: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKafka(): Promise<Kafka> {
  const jars = resolveJars();
  const directory = await temporaryDirectory('kafka');
  const [plain = 0, sasl = 0, tls = 0, controller = 0] = await freePorts(4);
  const config = join(directory, 'server.properties');
  writeFileSync(config, properties({ directory, plain, sasl, tls, controller }));
  // What Debian's maven brings says why a broker ends; Kafka's jars have no logger.
  const classes = [join(jars, '*'), '/usr/share/java/slf4j-simple.jar'].join(':');
  const java = ['-Xmx384m', '-cp', classes];
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'AAAAAAAAAAAAAAAAAAAAAA',
    '-c',
    config,
    ...['256', '512'].flatMap((bits) => [
      '--add-scram',
      `SCRAM-SHA-${bits}=[name=tester,password=secret]`,
    ]),
  ];
  const formatted = spawnSync('java', [...java, ...format], { encoding: 'utf8' });
  if (formatted.status !== 0) throw new Error(`kafka cannot format: ${formatted.stderr}`);
  let kill = async () => {};
  const start = async () => {
    const child = spawn('java', [...java, 'kafka.Kafka', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000);
      });
    }
    const ended = once(child, 'exit');
    kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    await awaitUntil(() => child.exitCode !== null || accepts(plain), {
      timeoutMs: 60_000,
      what: 'kafka to listen',
    });
    if (child.exitCode !== null) throw new Error(`kafka ended: ${said}`);
  };
  const stop = async () => {
    await kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  await start();
  return {
    address: `127.0.0.1:${plain}`,
    saslAddress: `127.0.0.1:${sasl}`,
    tlsAddress: `localhost:${tls}`,
    ca: join(certificates, 'root.crt'),
    start,
    kill: () => kill(),
    stop,
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

interface Ports {
  readonly directory: string;
  readonly plain: number;
  readonly sasl: number;
  readonly tls: number;
  readonly controller: number;
}

function properties({ directory, plain, sasl, tls, controller }: Ports): string {
  const login =
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_tester="secret";';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const keystore = join(directory, 'keystore.pem');
  const pem = ['localhost.key', 'localhost.crt'].map((name) =>
    readFileSync(join(certificates, name), 'utf8'),
  );
  writeFileSync(keystore, pem.join(''));
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SASL_SSL://127.0.0.1:${tls},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SASL_SSL://localhost:${tls}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_plaintext.plain.sasl.jaas.config=${login}
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${scram}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${scram}
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location=${keystore}
log.dirs=${join(directory, 'data')}
num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
`;
}
