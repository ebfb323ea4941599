import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { awaitUntil } from '../../await-until.ts';
import { installPackages } from '../install.ts';
import { freePorts, temporaryDirectory } from './program.ts';

const version = '3.9.1';

/** A broker that is its own controller (KRaft), in a folder that outlives its process. */
export interface Kafka {
  readonly address: string;
  /** Asks for a user and a password; user "tester", password "secret". */
  readonly saslAddress: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKafka(): Promise<Kafka> {
  const jars = resolveJars();
  const directory = await temporaryDirectory('kafka');
  const [plain = 0, sasl = 0, controller = 0] = await freePorts(3);
  const config = join(directory, 'server.properties');
  writeFileSync(config, properties({ directory, plain, sasl, controller }));
  const java = ['-Xmx384m', '-cp', join(jars, '*')];
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'AAAAAAAAAAAAAAAAAAAAAA',
    '-c',
    config,
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
    await awaitUntil(
      () => {
        if (child.exitCode !== null) throw new Error(`kafka ended: ${said}`);
        return accepts(plain);
      },
      { timeoutMs: 60_000, what: 'kafka to listen' },
    );
  };
  const stop = async () => {
    await kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  await start();
  return {
    address: `127.0.0.1:${plain}`,
    saslAddress: `127.0.0.1:${sasl}`,
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
  readonly controller: number;
}

function properties({ directory, plain, sasl, controller }: Ports): string {
  const login =
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_tester="secret";';
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=${login}
log.dirs=${join(directory, 'data')}
num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
`;
}

/** From Maven Central, once for all runs of a machine. @returns the folder */
function resolveJars(): string {
  if (spawnSync('mvn', ['-v']).status !== 0) installPackages('default-jre-headless', 'maven');
  const folder = join(homedir(), '.cache', 'podmates-tests', `kafka-${version}`);
  const done = join(folder, 'done');
  if (existsSync(done)) return join(folder, 'jars');
  mkdirSync(folder, { recursive: true });
  const dependency = `<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>`;
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>podmates</groupId><artifactId>tests</artifactId>
<version>1</version><dependencies><dependency>${dependency}</dependency></dependencies></project>\n`,
  );
  const args = [
    '-q',
    '-B',
    'dependency:copy-dependencies',
    `-DoutputDirectory=${join(folder, 'jars')}`,
  ];
  const { status, stdout } = spawnSync('mvn', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot get kafka from Maven Central: ${stdout}`);
  writeFileSync(done, '');
  return join(folder, 'jars');
}
