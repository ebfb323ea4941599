import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { awaitUntil } from '../../await-until.ts';
import type { Attack } from '../attack.ts';
import { apiKey } from '../stage.ts';
import { hear, request } from '../wire.ts';

export const framing: readonly Attack[] = [
  {
    number: 13,
    title: 'two framings, odd framings, bare line feeds, folded lines, HTTP/1.0 with chunks',
    baseline: true,
    async run(stage) {
      const chunked = 'Transfer-Encoding: chunked';
      const post = (headers: readonly string[], body = '0\r\n\r\n') =>
        request('POST /public/a HTTP/1.1', headers, body);
      const heads = [
        post(['Content-Length: 5', chunked]),
        post([chunked, 'Content-Length: 5']),
        post(['Content-Length: 5', 'Content-Length: 5'], 'hello'),
        post(['Content-Length: 5', 'Content-Length: 6'], 'hello'),
        post(['Content-Length: 5, 5'], 'hello'),
        post(['Content-Length: +5'], 'hello'),
        post(['Content-Length: 0x5'], 'hello'),
        post(['Content-Length: 5 5'], 'hello'),
        post(['Transfer-Encoding: xchunked']),
        post(['Transfer-Encoding: chunked, chunked']),
        post(['Transfer-Encoding: gzip, chunked']),
        post(['Transfer-Encoding: chunked, identity']),
        post(['Transfer-Encoding: identity']),
        post([chunked, chunked]),
        post(['Transfer-Encoding : chunked']),
        post(['Transfer-Encoding:\x0bchunked']),
        post([' Transfer-Encoding: chunked']),
        post(['X: y', ' folded: z']),
        'GET /public/a HTTP/1.1\nHost: app.example\n\n',
        'GET /public/a HTTP/1.1\r\nHost: app.example\r\nX: a\nY: b\r\n\r\n',
        'GET /public/a HTTP/1.1\r\nHost: app.example\r\nX: a\rY: b\r\n\r\n',
        'GET /public/a HTTP/1.1\r\nHost: app.example\r\nX\0: a\r\n\r\n',
        'GET /public/a HTTP/1.1\r\nHost: app.example\r\nX: a\0b\r\n\r\n',
        `POST /public/a HTTP/1.0\r\nHost: app.example\r\n${chunked}\r\n\r\n0\r\n\r\n`,
        'GET /public/a HTTP/1.2\r\nHost: app.example\r\n\r\n',
        'GET /public/a\r\n\r\n',
      ];
      for (const head of heads) await stage.denied(head, 400);
    },
  },
  {
    number: 14,
    title: 'a chunked DELETE or OPTIONS whose body is a request',
    baseline: true,
    async run(stage) {
      const inner = request('GET /private/a HTTP/1.1');
      const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
      for (const method of ['DELETE', 'OPTIONS', 'GET']) {
        stage.app.forget();
        const head = request(`${method} /public/a HTTP/1.1`, ['Transfer-Encoding: chunked']);
        const heard = await stage.send(head + chunk);
        assert.equal(heard.answers[0]?.status, 200, heard.raw);
        assert.equal(stage.app.requests.length, 1, stage.app.bytes());
        assert.equal(stage.app.requests[0]?.body, inner);
        // A body that the app's own parser does not take for one stays behind on the wire.
        assert.match(stage.app.bytes(), /^(transfer-encoding: chunked|content-length: [1-9])/im);
      }
    },
  },
  {
    number: 44,
    title: 'chunks that two parsers end in two places; trailers that pass for headers',
    baseline: true,
    async run(stage) {
      const inner = request('GET /private/a HTTP/1.1');
      const post = (body: string) =>
        request('POST /public/a HTTP/1.1', ['Transfer-Encoding: chunked', 'Trailer: X-User'], body);
      const odd = [
        `5\nhello\n0\n\n${inner}`,
        `5\r\nhello\n0\r\n\r\n${inner}`,
        `5\r\nhelloXX0\r\n\r\n${inner}`,
        `5;a\nb\r\nhello\r\n0\r\n\r\n${inner}`,
        `5;a\rb\r\nhello\r\n0\r\n\r\n${inner}`,
        `5;\nxx\r\nhello\r\n0\r\n\r\n${inner}`,
        `5 \r\nhello\r\n0\r\n\r\n${inner}`,
        `0x5\r\nhello\r\n0\r\n\r\n${inner}`,
        `+5\r\nhello\r\n0\r\n\r\n${inner}`,
        `5_0\r\nhello\r\n0\r\n\r\n${inner}`,
        `\r\n5\r\nhello\r\n0\r\n\r\n${inner}`,
        `fffffffffffffffff5\r\nhello\r\n0\r\n\r\n${inner}`,
        `5\r\nhello\r\n0\r\nX: y\nZ: a\r\n\r\n${inner}`,
        `5\r\nhello\r\n0\r\n Folded: a\r\n\r\n${inner}`,
        `5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n${inner}`,
        `5\r\nhello\r\n0\r\nno colon\r\n\r\n${inner}`,
      ];
      for (const body of odd) {
        stage.app.forget();
        const heard = await stage.send(post(body), { answers: 2, timeoutMs: 8000 });
        assert.ok(heard.closed, `goes on: ${heard.raw}`);
        assert.doesNotMatch(stage.app.bytes(), /private|\r\n0\r\n/, 'no whole body at the app');
        assert.equal(
          heard.answers.find(({ status }) => status < 400),
          undefined,
          heard.raw,
        );
      }
      const lies = ['X-User: root', 'X_User: root', 'Authorization: Bearer x', 'Host: evil'];
      const hops = ['X-Forwarded-For: 1.2.3.4', 'Connection: close'];
      const trailers = [...lies, ...hops, 'X-Sum: 1'].join('\r\n');
      stage.app.forget();
      const heard = await stage.send(post(`5\r\nhello\r\n0\r\n${trailers}\r\n\r\n`));
      assert.equal(heard.answers[0]?.status, 200, heard.raw);
      const [, behind = ''] = stage.app.bytes().split('hello\r\n');
      assert.match(behind, /^0\r\n(X-Sum: 1\r\n)?\r\n$/i);
    },
  },
  {
    number: 22,
    title: 'two Authorization headers; a token in the query',
    baseline: true,
    async run(stage) {
      const good = `Authorization: Bearer ${await stage.token()}`;
      const two = [good, 'Authorization: Bearer other'];
      await stage.denied(request('GET /private/a HTTP/1.1', two), 400);
      await stage.denied(request('GET /private/a HTTP/1.1', two.toReversed()), 400);
      const keys = [`X-Api-Key: ${apiKey}`, 'X-Api-Key: other'];
      await stage.denied(request('GET /keys/a HTTP/1.1', keys), 400);
      await stage.denied(request('GET /keys/a HTTP/1.1', keys.toReversed()), 400);
      const query = `access_token=${await stage.token()}`;
      await stage.denied(request(`GET /private/a?${query} HTTP/1.1`), 401);
    },
  },
  {
    number: 31,
    title: 'slow heads and bodies, 2,000 headers, a header of 20 KB',
    async run(stage) {
      const many = Array.from({ length: 2000 }, (_, i) => `X${i}: y`);
      await stage.denied(request('GET /public/a HTTP/1.1', many), 431);
      const some = Array.from({ length: 150 }, (_, i) => `X${i}: y`);
      await stage.denied(request('GET /public/a HTTP/1.1', some), 431);
      await stage.denied(request('GET /public/a HTTP/1.1', [`X: ${'y'.repeat(20_000)}`]), 431);
      await stage.denied('GET /public/a HTTP/1.1\r\nHost: app.example\r\nX: ', 408);
      stage.app.forget();
      const slow = request('POST /public/a HTTP/1.1', ['Content-Length: 10'], 'hel');
      const heard = await stage.send(slow);
      assert.equal(heard.answers[0]?.status, 408, heard.raw);
      await awaitUntil(() => stage.app.requests[0]?.cut, {
        what: 'the app sees the body break off',
      });
    },
  },
  {
    number: 32,
    title: 'a body over the limit, chunked so that nobody knows before',
    async run(stage) {
      const long = request('POST /small/a HTTP/1.1', ['Content-Length: 5000'], 'x'.repeat(5000));
      await stage.denied(long, 413);
      stage.app.forget();
      stage.app.respond((_request, response) => response.on('error', () => {})); // waits for all of it
      const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
      const head = request('POST /small/a HTTP/1.1', ['Transfer-Encoding: chunked']);
      const heard = await stage.send([head, chunk, chunk, chunk]);
      assert.equal(heard.answers[0]?.status, 413, heard.raw);
      await awaitUntil(() => stage.app.requests.every(({ cut }) => cut), {
        what: 'the app sees the body break off, if it saw any of it',
      });
      assert.doesNotMatch(stage.app.bytes(), /\r\n0\r\n\r\n$/, 'no clean end');
    },
  },
  {
    number: 36,
    title: 'the caller hangs up before the answer, or in the middle of an event stream',
    baseline: true,
    async run(stage) {
      stage.app.forget();
      stage.app.respond(() => {}); // never answers
      const before = connect(stage.port, '127.0.0.1');
      before.write(request('GET /public/a HTTP/1.1'));
      await awaitUntil(() => stage.app.requests.length === 1, { what: 'the request arrives' });
      before.destroy();
      const soon = { timeoutMs: 2000, what: 'the app sees the caller go' };
      await awaitUntil(() => stage.app.requests[0]?.cut, soon);
      stage.app.forget();
      stage.app.respond((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
      });
      const during = connect(stage.port, '127.0.0.1');
      during.write(request('GET /public/a HTTP/1.1'));
      await new Promise((resolve) => during.once('data', resolve));
      during.destroy();
      await awaitUntil(() => stage.app.requests[0]?.cut, soon);
    },
  },
  {
    number: 41,
    title: 'the app dies in the middle of an answer: no clean end, no endless wait',
    baseline: true,
    async run(stage) {
      for (const length of ['content-length', undefined]) {
        stage.app.forget();
        stage.app.respond((_request, response) => {
          if (length !== undefined) response.setHeader(length, '100');
          response.write('begun', () => response.socket?.destroy());
        });
        const caller = connect(stage.port, '127.0.0.1');
        caller.write(request('GET /public/a HTTP/1.1'));
        const heard = await hear(caller, 1, 2000);
        assert.ok(heard.closed, 'the connection is closed');
        assert.equal(heard.answers.length, 0, 'no whole answer');
      }
    },
  },
];
