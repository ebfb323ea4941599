import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { now } from '../../ambassador/authenticate/issuer.ts';
import { awaitUntil } from '../../await-until.ts';
import type { Attack } from '../attack.ts';
import type { Stage } from '../stage.ts';
import { hear, request } from '../wire.ts';

const upgrade = (path: string, headers: readonly string[]) =>
  request(`GET ${path} HTTP/1.1`, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]);

async function opened(stage: Stage, token: string) {
  stage.app.forget();
  const socket = connect(stage.port, '127.0.0.1');
  socket.write(upgrade('/ws', [`Authorization: Bearer ${token}`, 'Origin: https://app.example']));
  const heard = await hear(socket, 1);
  assert.equal(heard.answers[0]?.status, 101, heard.raw);
  return socket;
}

export const websocket: readonly Attack[] = [
  {
    number: 15,
    title: 'a request smuggled behind an upgrade that is refused, or before the 101',
    async run(stage) {
      const inner = request('GET /private/a HTTP/1.1');
      const good = `Authorization: Bearer ${await stage.token()}`;
      for (const [headers, status] of [
        [[], 401],
        [[good], 400],
      ] as const) {
        stage.app.forget();
        const heard = await stage.send(upgrade('/ws', headers) + inner, { answers: 2 });
        assert.deepEqual([heard.answers[0]?.status, heard.closed], [status, true], heard.raw);
        assert.equal(heard.answers.length, 1, 'what is behind it is not answered');
        assert.equal(stage.app.bytes(), '');
      }
      stage.app.forget();
      stage.app.onUpgrade((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno'));
      const socket = connect(stage.port, '127.0.0.1');
      socket.write(upgrade('/ws', [good]));
      await awaitUntil(() => stage.app.requests.length === 1, { what: 'the upgrade arrives' });
      socket.write(inner);
      const heard = await hear(socket, 2);
      assert.ok(heard.closed, 'closed after the refusal');
      assert.doesNotMatch(stage.app.bytes(), /private/);
    },
  },
  {
    number: 16,
    title: 'a WebSocket without token, on another route, from another origin, in another protocol',
    async run(stage) {
      const good = `Authorization: Bearer ${await stage.token()}`;
      const denied = async (bytes: string, ...statuses: readonly number[]) => {
        await stage.denied(bytes, ...statuses);
        assert.equal(stage.app.connections(), 0, 'no connection to the app');
      };
      stage.app.forget();
      await denied(upgrade('/ws', []), 401);
      await denied(upgrade('/ws', ['Authorization: Bearer x']), 401);
      await denied(upgrade('/private/ws', [good]), 403);
      await denied(upgrade('/nowhere', [good]), 403);
      for (const origin of ['https://evil.example', 'https://app.example.evil', 'null', '']) {
        await denied(upgrade('/ws', [good, `Origin: ${origin}`]), 403);
      }
      const two = [good, 'Origin: https://app.example', 'Origin: https://evil.example'];
      await denied(upgrade('/ws', two), 403);
      const post = upgrade('/ws', [good]).replace('GET', 'POST');
      await denied(post, 400);
    },
  },
  {
    number: 48,
    title: 'an upgrade to h2c, by which requests would go past unseen',
    baseline: true,
    async run(stage) {
      const offer = (path: string, protocol: string) =>
        request(`GET ${path} HTTP/1.1`, [
          'Connection: Upgrade, HTTP2-Settings',
          `Upgrade: ${protocol}`,
          'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
        ]);
      for (const protocol of ['h2c', 'H2C', 'HTTP/2.0', 'TLS/1.0', 'h2c, websocket']) {
        await stage.denied(offer('/private/a', protocol), 401);
        stage.app.forget();
        stage.app.onUpgrade((socket) =>
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
          ),
        );
        const heard = await stage.send(offer('/public/a', protocol));
        assert.equal(heard.answers[0]?.status, 200, heard.raw);
        const [seen] = stage.app.requests;
        for (const name of ['upgrade', 'http2-settings']) assert.deepEqual(seen?.values(name), []);
      }
    },
  },
  {
    number: 17,
    title: 'a WebSocket that outlives the token it was opened with',
    async run(stage) {
      const socket = await opened(stage, await stage.token({ exp: now() + 1 - 30 })); // leeway
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.write(Buffer.from([0x82, 0x80, 0, 0, 0, 0]));
      let heard = Buffer.alloc(0);
      socket.on('data', (bytes: Buffer) => {
        heard = Buffer.concat([heard, bytes]);
      });
      await ended;
      assert.match(heard.toString('hex'), /88..03f0/, 'a close frame with 1008');
    },
  },
];
