import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startContainer } from '../container-process.ts';

const length = 3 * 1024 * 1024;
const callers = 'abcdefghijkl';

/** A body of one letter, its length told before or not. */
const app = createServer((request, response) => {
  const [, letter = '', told] = request.url?.split('/') ?? [];
  response.writeHead(200, told === 'told' ? { 'Content-Length': length } : {});
  response.end(Buffer.alloc(length, letter));
});

/** Reads slowly, and looks at every byte. */
async function readThrough(body: Readable, letter: string): Promise<void> {
  let left = length;
  for await (const bytes of body) {
    assert.ok(bytes.equals(Buffer.alloc(bytes.length, letter)), `bytes of another than ${letter}`);
    left -= bytes.length;
    await setImmediate();
  }
  assert.equal(left, 0);
}

test('callers who download at the same time get no byte of each other', async (context) => {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => app.close());
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  h2c: true
  admin: false
  accessLog: none
  shutdown: { delay: 0s }
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  routes: [{ path: /**, public: true }]
`,
  );
  context.after(() => container.stop());
  const origin = `http://${container.addresses['http']}`;
  const session = connect(origin);
  context.after(() => session.destroy());
  const agent = new Agent({ keepAlive: true });
  context.after(() => agent.destroy());
  const byHttp1 = async (letter: string, told: string) => {
    const [response] = await once(get(`${origin}/${letter}/${told}`, { agent }), 'response');
    await readThrough(response, letter);
  };
  const byHttp2 = (letter: string, told: string) =>
    readThrough(session.request({ ':path': `/${letter}/${told}` }), letter);
  for (let round = 0; round < 2; round++) {
    await Promise.all(
      [...callers].flatMap((letter, index) => {
        const told = index % 2 === 0 ? 'told' : 'chunked';
        return [byHttp1(letter, told), byHttp2(letter, told)];
      }),
    );
  }
});
