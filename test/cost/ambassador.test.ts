import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ContainerOptions, countCalls, startContainer } from '../container-process.ts';
import { allocatedBytes, tellingAllocated } from './allocations.ts';

const requests = 1000;

/** An app of 1 KB behind an ambassador, and somebody who asks for it. */
async function start(context: TestContext, options: ContainerOptions = {}) {
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
    options,
  );
  context.after(() => ambassador.stop('SIGKILL'));
  const [host = '', port = ''] = (ambassador.addresses['http'] ?? '').split(':');
  const client = connect(Number(port), host);
  await once(client, 'connect');
  context.after(() => client.destroy());
  const ask = async (times: number) => {
    for (let count = 0; count < times; count++) {
      client.write('GET /page HTTP/1.1\r\nHost: app\r\n\r\n');
      for (let length = 0; length < 1024; ) length += (await once(client, 'data'))[0].length;
    }
  };
  return { ambassador, ask };
}

test('a request costs the ambassador two reads and two writes', async (context) => {
  const { ambassador, ask } = await start(context);
  await ask(100);
  const before = countCalls(ambassador.pid);
  await ask(requests);
  const after = countCalls(ambassador.pid);
  const reads = (after.reads - before.reads) / requests;
  const writes = (after.writes - before.writes) / requests;
  // One each way on each side; a little more where a wake-up of the event loop falls in between.
  assert.ok(reads >= 2 && reads < 3.5, `${reads} reads a request`);
  assert.ok(writes >= 2 && writes < 3.5, `${writes} writes a request`);
});

test('a request costs the ambassador 14 KB of garbage', async (context) => {
  const { ambassador, ask } = await start(context, await tellingAllocated());
  let least = Number.POSITIVE_INFINITY;
  // The least of many: until V8 has compiled what is asked often, it is more.
  for (let span = 0; span < 15; span++) {
    const before = await allocatedBytes(ambassador);
    await ask(requests);
    least = Math.min(least, ((await allocatedBytes(ambassador)) - before) / requests);
  }
  // 6.5 KB of them are what node:http takes to answer without any app behind it.
  assert.ok(least > 6000 && least < 14_500, `${Math.round(least)} bytes a request`);
});
