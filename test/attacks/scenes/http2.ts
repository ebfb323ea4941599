import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import {
  askHttp2,
  endHeaders,
  endStream,
  type Field,
  fieldBlock,
  frame,
  type Http2Heard,
} from '../http2-wire.ts';
import type { Stage } from '../stage.ts';
import { request } from '../wire.ts';

/** Pseudo headers; undefined leaves one out. */
function pseudo(changed: Readonly<Record<string, string | undefined>> = {}): Field[] {
  const all = {
    ':method': 'GET',
    ':scheme': 'http',
    ':path': '/public/a',
    ':authority': 'app.example',
  };
  return Object.entries({ ...all, ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

const whole = (fields: readonly Field[], stream = 1) =>
  frame('headers', endStream | endHeaders, stream, fieldBlock(fields));
const open = (fields: readonly Field[]) => frame('headers', endHeaders, 1, fieldBlock(fields));
const post = (...more: readonly Field[]) => open([...pseudo({ ':method': 'POST' }), ...more]);
const last = (text: string) => frame('data', endStream, 1, text);

/** Reset, or answered with one of the statuses; and not a byte at the app. */
async function denied(
  stage: Stage,
  what: string,
  frames: readonly Buffer[],
  ...statuses: number[]
) {
  stage.app.forget();
  const heard = await askHttp2(stage.port, frames);
  const well = heard.status === undefined ? heard.refused : statuses.includes(heard.status);
  assert.ok(well, `${what}: answered ${heard.status}`);
  assert.equal(stage.app.bytes(), '', `${what}: bytes reached the app`);
}

async function letIn(stage: Stage, frames: readonly Buffer[]): Promise<Http2Heard> {
  stage.app.forget();
  const heard = await askHttp2(stage.port, frames);
  assert.equal(heard.status, 200);
  return heard;
}

/** Played where HTTP/2 is heard. */
export const http2: readonly Attack[] = [
  {
    number: 45,
    title:
      'HTTP/2 that means another request in HTTP/1.1: pseudo headers, line ends, framing fields, lengths',
    async run(stage) {
      await letIn(stage, [whole(pseudo())]);
      const reset: Readonly<Record<string, readonly Buffer[]>> = {
        'two paths': [whole([...pseudo(), [':path', '/private/a']])],
        'two methods': [whole([[':method', 'GET'], ...pseudo()])],
        'two authorities': [whole([...pseudo(), [':authority', 'evil']])],
        'a pseudo header that is none': [whole([...pseudo(), [':user', 'root']])],
        'a pseudo header behind others': [whole([['x', 'y'], ...pseudo()])],
        'no path': [whole(pseudo({ ':path': undefined }))],
        'an empty path': [whole(pseudo({ ':path': '' }))],
        'an absolute path': [whole(pseudo({ ':path': 'http://evil/public/a' }))],
        'a request in the path': [whole(pseudo({ ':path': '/public/a HTTP/1.1\r\nX: y' }))],
        'a space in the path': [whole(pseudo({ ':path': '/public/a /private' }))],
        'a request in the method': [whole(pseudo({ ':method': 'GET /private HTTP/1.1\r\nX: y' }))],
        'no authority': [whole(pseudo({ ':authority': undefined }))],
        'a user in the authority': [whole(pseudo({ ':authority': 'app@evil' }))],
        'upper case': [whole([...pseudo(), ['X-User', 'root']])],
        connection: [whole([...pseudo(), ['connection', 'x-user']])],
        upgrade: [whole([...pseudo(), ['upgrade', 'websocket']])],
        'te: gzip': [whole([...pseudo(), ['te', 'gzip']])],
        'extended CONNECT': [
          whole([...pseudo({ ':method': 'CONNECT' }), [':protocol', 'websocket']]),
        ],
        'transfer-encoding': [
          post(['transfer-encoding', 'chunked']),
          last('0\r\n\r\nGET /private'),
        ],
        'a length too long': [post(['content-length', '30']), last('short')],
        'a length and no body': [
          whole([...pseudo({ ':method': 'POST' }), ['content-length', '30']]),
        ],
        'two lengths': [post(['content-length', '3'], ['content-length', '3']), last('abc')],
        'a length that is none': [post(['content-length', '+3']), last('abc')],
      };
      for (const [what, frames] of Object.entries(reset)) await denied(stage, what, frames);
      const short = [
        post(['content-length', '3']),
        last(`abc${request('GET /private/a HTTP/1.1')}`),
      ];
      stage.app.forget();
      const longer = await askHttp2(stage.port, short);
      assert.ok(longer.refused && longer.status === undefined, 'a body longer than its length');
      assert.doesNotMatch(stage.app.bytes(), /private/);

      const refused: readonly (readonly [string, Field[], number])[] = [
        ['a fragment', pseudo({ ':path': '/public/a#/private' }), 400],
        ['dots', pseudo({ ':path': '/public/../private' }), 400],
        ['an asterisk', pseudo({ ':method': 'OPTIONS', ':path': '*' }), 400],
        ['another host', [...pseudo(), ['host', 'evil.example']], 400],
        [
          'CONNECT',
          [
            [':method', 'CONNECT'],
            [':authority', 'evil:80'],
          ],
          405,
        ],
        ['TRACE', pseudo({ ':method': 'TRACE' }), 405],
        ['a method of small letters', pseudo({ ':method': 'get' }), 405],
        ['two credentials', [...pseudo(), ['authorization', 'a'], ['authorization', 'b']], 400],
        ['no credential', pseudo({ ':path': '/private/a' }), 401],
      ];
      for (const [what, fields, status] of refused) {
        await denied(stage, what, [whole(fields)], status);
      }
    },
  },
  {
    number: 46,
    title: 'HTTP/2 fields that become lines of their own, identity headers and trailers among them',
    async run(stage) {
      await letIn(stage, [
        whole([
          ...pseudo({ ':scheme': 'https' }),
          ['x-a', 'b\r\nx-user: root'],
          ['x-b', 'b\nx-user: root'],
          ['x-c', 'b\0'],
          ['x-d: b\r\nx-user', 'root'],
          ['x-user: root', 'b'],
          ['x-user', 'root'],
          ['x_user', 'root'],
          ['x.groups', 'admin'],
          ['x-forwarded-proto', 'https'],
        ]),
      ]);
      const [seen] = stage.app.requests;
      assert.doesNotMatch(stage.app.bytes(), /user|groups|root|admin/i);
      assert.deepEqual(seen?.values('x-forwarded-proto'), ['http'], 'not what :scheme says');
      const trailers: Field[] = [
        ['x-user', 'root'],
        ['x_user', 'root'],
        ['authorization', 'Bearer x'],
        ['x-sum', '1'],
      ];
      const behind = frame('headers', endStream | endHeaders, 1, fieldBlock(trailers));
      await letIn(stage, [post(), frame('data', 0, 1, 'hello'), behind]);
      const [, end = ''] = stage.app.bytes().split('hello\r\n');
      assert.match(end, /^0\r\nx-sum: 1\r\n\r\n$/);
      const path = frame(
        'headers',
        endStream | endHeaders,
        1,
        fieldBlock([[':path', '/private/a']]),
      );
      stage.app.forget();
      const heard = await askHttp2(stage.port, [post(), frame('data', 0, 1, 'hello'), path]);
      assert.ok(heard.refused, 'a pseudo header behind the body');
      assert.doesNotMatch(stage.app.bytes(), /private|\r\n0\r\n/);
    },
  },
  {
    number: 50,
    title:
      'floods of HTTP/2: CONTINUATION, rapid reset, SETTINGS, PING, empty frames, many or long fields',
    async run(stage) {
      const begun = frame('headers', endStream, 1, fieldBlock(pseudo()));
      const times = (count: number, make: (i: number) => Buffer) =>
        Array.from({ length: count }, (_, i) => make(i));
      const cancel = Buffer.from([0, 0, 0, 8]);
      const floods: Readonly<Record<string, readonly Buffer[]>> = {
        CONTINUATION: [
          begun,
          ...times(3000, (i) =>
            frame('continuation', 0, 1, fieldBlock([[`x${i}`, 'y'.repeat(500)]])),
          ),
        ],
        'empty CONTINUATION': [begun, ...times(20_000, () => frame('continuation', 0, 1))],
        'rapid reset': times(5000, (i) =>
          Buffer.concat([
            whole(pseudo({ ':path': '/private/a' }), 2 * i + 1),
            frame('reset', 0, 2 * i + 1, cancel),
          ]),
        ),
        SETTINGS: times(20_000, () => frame('settings', 0, 0)),
        PING: times(20_000, () => frame('ping', 0, 0, '12345678')),
        'empty DATA': [post(), ...times(20_000, () => frame('data', 0, 1))],
      };
      for (const [what, frames] of Object.entries(floods)) {
        stage.app.forget();
        const flood = askHttp2(stage.port, frames, { untilClosed: true });
        const other = await stage.send(request('GET /status HTTP/1.1'));
        assert.equal(other.answers[0]?.status, 200, `${what}: others are served meanwhile`);
        const { closed } = await flood;
        assert.ok(closed, `${what}: the connection is given up`);
        assert.doesNotMatch(stage.app.bytes(), /private|y{100}/, what);
      }
      const many = times(150, (i) => Buffer.from(`x${i}`)).map(
        (name) => [String(name), 'y'] as const,
      );
      await denied(stage, '150 fields', [whole([...pseudo(), ...many])], 431);
      const long = [0, endHeaders].map((flags) =>
        frame('continuation', flags, 1, fieldBlock([['x', 'y'.repeat(9000)]])),
      );
      await denied(stage, '18 KB', [begun, ...long], 431);
      const bomb = Buffer.concat([
        fieldBlock(pseudo()),
        ...[
          Buffer.from([0x40, 1]),
          Buffer.from('x'),
          Buffer.from([0x7f, 0x81, 0x1e]),
          Buffer.alloc(4000, 0x61),
        ],
      ]);
      const again = frame('continuation', endHeaders, 1, Buffer.alloc(15_000, 0xbe)); // the same field, 15,000 times
      await denied(stage, 'an HPACK bomb', [frame('headers', endStream, 1, bomb), again], 431);
    },
  },
];
