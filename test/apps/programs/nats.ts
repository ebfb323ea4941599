import { once } from 'node:events';
import { connect } from 'node:net';
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
  client.write('PUB shop.orders 5\r\nhello\r\nPUB shop.mails 2\r\nhi\r\nPING\r\n');
  await pong;
  return {
    url,
    async stop() {
      client.destroy();
      await program.stop();
    },
  };
}
