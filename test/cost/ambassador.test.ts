import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { countCalls, startContainer } from '../container-process.ts';

const requests = 1000;

test('a request costs the ambassador two reads and two writes', async (context) => {
  const app = createServer((_request, response) => response.end('x'.repeat(1024)));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => app.close());
  const address = app.address();
  assert.ok(typeof address === 'object' && address !== null);
  const ambassador = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: false
  accessLog: none
  shutdown: { delay: 0s }
  upstream: { url: "http://127.0.0.1:${address.port}" }
  routes: [{ path: /**, public: true }]
`,
  );
  context.after(() => ambassador.stop('SIGKILL'));
  const [host = '', port = ''] = (ambassador.addresses['http'] ?? '').split(':');
  const client = connect(Number(port), host);
  await once(client, 'connect');
  const ask = async () => {
    client.write('GET /page HTTP/1.1\r\nHost: app\r\n\r\n');
    for (let length = 0; length < 1024; ) length += (await once(client, 'data'))[0].length;
  };
  for (let count = 0; count < 100; count++) await ask();
  const before = countCalls(ambassador.pid);
  for (let count = 0; count < requests; count++) await ask();
  const after = countCalls(ambassador.pid);
  client.destroy();
  const reads = (after.reads - before.reads) / requests;
  const writes = (after.writes - before.writes) / requests;
  // One each way on each side; a little more where a wake-up of the event loop falls in between.
  assert.ok(reads >= 2 && reads < 3.5, `${reads} reads a request`);
  assert.ok(writes >= 2 && writes < 3.5, `${writes} writes a request`);
});
