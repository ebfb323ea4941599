import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;

/** RabbitMQ with its management plugin and one queue with a message in it. */
export async function startRabbitmq(): Promise<Program> {
  const [amqp = 0, management = 0, distribution = 0, epmd = 0] = await freePorts(4);
  const directory = await temporaryDirectory('rabbitmq');
  await writeFile(join(directory, 'plugins'), '[rabbitmq_management].\n');
  await writeFile(
    join(directory, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${management}
collect_statistics_interval = 1000
`,
  );
  const env = {
    RABBITMQ_NODENAME: `podmates${management}@localhost`,
    RABBITMQ_NODE_PORT: String(amqp),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: directory,
    RABBITMQ_LOG_BASE: directory,
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(directory, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
    RABBITMQ_PID_FILE: join(directory, 'pid'),
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
  const url = `http://127.0.0.1:${management}`;
  const program = await startProgram({
    command: '/usr/lib/rabbitmq/bin/rabbitmq-server',
    args: [],
    directory,
    env,
    url,
    ready: `${url}/api/overview`,
    headers: { authorization },
    timeoutMs: 120_000,
  });
  await fill(url);
  return {
    url,
    async stop() {
      await program.stop();
      // The port mapper outlives its node; this one is ours, for nobody else knows its port.
      await promisify(execFile)('epmd', ['-port', String(epmd), '-kill']).catch(() => {});
    },
  };
}

async function fill(url: string): Promise<void> {
  const headers = { authorization, 'content-type': 'application/json' };
  await fetch(`${url}/api/queues/%2F/orders`, { method: 'PUT', headers, body: '{}' });
  const message = {
    properties: {},
    routing_key: 'orders',
    payload: 'hello',
    payload_encoding: 'string',
  };
  const body = JSON.stringify(message);
  await fetch(`${url}/api/exchanges/%2F/amq.default/publish`, { method: 'POST', headers, body });
}
