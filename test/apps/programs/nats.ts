import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** nats-server with JetStream; one client subscribes to what it publishes. */
export async function startNats(): Promise<Program> {
  const [port = 0, monitor = 0] = await freePorts(2);
  const directory = await temporaryDirectory('nats');
  const url = `http://127.0.0.1:${monitor}`;
  const args = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitor)];
  const program = await startProgram({
    command: 'nats-server',
    args: [...args, '-js', '-sd', directory],
    directory,
    url,
    ready: `${url}/varz`,
  });
  const client = connect(port, '127.0.0.1');
  const pong = new Promise<void>((resolve) => {
    client.on('data', (chunk) => {
      if (chunk.includes('PONG')) resolve();
    });
  });
  await once(client, 'connect');
  client.write('CONNECT {"verbose":false,"name":"tester"}\r\nSUB shop.* 1\r\n');
  const api = '$JS.API';
  publish(client, `${api}.STREAM.CREATE.ORDERS`, {
    name: 'ORDERS',
    subjects: ['shop.*'],
    storage: 'memory',
  });
  publish(client, `${api}.CONSUMER.DURABLE.CREATE.ORDERS.mailer`, {
    stream_name: 'ORDERS',
    config: { durable_name: 'mailer', ack_policy: 'explicit' },
  });
  publish(client, 'shop.orders', { id: 1 });
  publish(client, 'shop.mails', { id: 2 });
  client.write('PING\r\n');
  await pong;
  return {
    url,
    async stop() {
      client.destroy();
      await program.stop();
    },
  };
}

/** PUB of the NATS protocol; the server answers requests to an inbox that nobody reads. */
function publish(client: Socket, subject: string, message: object): void {
  const body = JSON.stringify(message);
  client.write(`PUB ${subject} _INBOX.tests ${body.length}\r\n${body}\r\n`);
}
