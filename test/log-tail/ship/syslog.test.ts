import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { deliver } from '../delivery-harness.ts';

// rsyslog and syslog-ng themselves are asked in test/apps/syslog.test.ts.

const line = '{"time":"2026-11-23T01:02:03.004Z","level":"warn","msg":"é"}';
const message = `<132>1 2026-11-23T01:02:03.004Z pod_1 app - - - ${line}`;
const section = (more: Record<string, unknown>) => ({
  outputs: { syslog: { hostname: 'pod 1', batch: { wait: '5ms' }, ...more } },
});

test('over TCP each message has its length in octets before it', async (t) => {
  let received = Buffer.alloc(0);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { give, untilAcknowledged } = await deliver(t, section({ address: `127.0.0.1:${port}` }));
  give(`${line}\n`);
  await untilAcknowledged();
  const framed = `${Buffer.byteLength(message)} ${message}`;
  await awaitUntil(() => received.toString() === framed, { what: received.toString() });
  // A receiver that goes away is connected to again.
  sockets[0]?.end();
  await awaitUntil(() => sockets[0]?.destroyed === true, { what: 'the end of the connection' });
  give(`${line}\n`);
  await untilAcknowledged();
  await awaitUntil(() => received.toString() === framed + framed, { what: 'the second message' });
  assert.equal(sockets.length, 2);
});

test('over UDP each message is a datagram', async (t) => {
  const socket = createSocket('udp4');
  const received: string[] = [];
  socket.on('message', (bytes) => void received.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const address = `127.0.0.1:${socket.address().port}`;
  const { give, untilAcknowledged } = await deliver(t, section({ address, transport: 'udp' }));
  give(`${line}\n${line}\n`);
  await untilAcknowledged();
  await awaitUntil(() => received.length === 2, { what: 'two datagrams' });
  assert.deepEqual(received, [message, message]);
});
