import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { createResponseParser } from '../../../sidecars/ambassador/forward/http1/response-parser.ts';
import { mutate } from '../../attacks/fuzz/mutate.ts';
import { createRandom, type Random } from '../../attacks/fuzz/random.ts';

/** What a parser made of an answer: the whole of it, or that it is none. */
type Reading =
  | { readonly status: number; readonly fields: string; readonly body: string }
  | 'refused';

const cases = Number(process.env['PODMATES_FUZZ_CASES'] ?? 4000) / 4;
const seed = Number(process.env['PODMATES_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

const lines = [
  'X-A: b',
  'Set-Cookie: a=b\r\nSet-Cookie: c=d',
  'Connection: close',
  'Connection: keep-alive\r\nKeep-Alive: timeout=5',
  'X:',
  'Content-Type:  text/plain \t',
  'Date: Mon, 23 Nov 2026 02:44:40 GMT',
] as const;

function makeAnswer(random: Random): string {
  const status = random.pick([
    '200 OK',
    '200 ',
    '404 Not Found',
    '204 No Content',
    '304 Not Modified',
    '500 x',
  ]);
  let head = `HTTP/1.${random.chance(0.9) ? 1 : 0} ${status}\r\n`;
  if (random.chance(0.1)) head = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${head}`;
  for (let left = random.below(3); left > 0; left--) head += `${random.pick(lines)}\r\n`;
  const body = random.pick([
    'hello',
    '',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    '0\r\n\r\n',
  ]);
  const chunked = `${body.length.toString(16)}${random.pick(['', '', ';a=b'])}\r\n${body}\r\n`;
  switch (random.below(6)) {
    case 0:
      return `${head}\r\n${body}`; // ends with the connection
    case 1:
    case 2:
      return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    case 3:
      return `${head}Content-Length: ${random.below(9)}\r\n\r\n${body}`;
    case 4:
      return `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${chunked}0\r\n\r\n`;
    default:
      return `${head}Transfer-Encoding: chunked\r\n\r\n${body === '' ? '' : chunked}0\r\n${random.pick(['', 'X-T: u\r\n'])}\r\n`;
  }
}

/** Reads it in pieces. @returns also how much of the text belongs to the answer */
function readOurselves(answer: string, random: Random): { reading: Reading; length: number } {
  const parser = createResponseParser();
  let status = 0;
  let fields = '';
  let body = '';
  let ended: boolean = false;
  parser.begin(
    {
      informational() {},
      head(head) {
        ({ status } = head);
        fields = normalise(head.headers);
      },
      body: (bytes) => {
        body += bytes.toString('latin1');
      },
      end: () => {
        ended = true;
      },
      upgraded: () => assert.fail('no upgrade was asked for'),
    },
    { method: 'GET', upgrade: false },
  );
  const bytes = Buffer.from(answer, 'latin1');
  try {
    for (let at = 0; at < bytes.length; ) {
      const end = random.chance(0.5) ? bytes.length : at + 1 + random.below(bytes.length - at);
      const left = parser.feed(bytes.subarray(at, end));
      at = end;
      if (left > 0) return { reading: { status, fields, body }, length: end - left };
      if (ended) return { reading: { status, fields, body }, length: end };
    }
  } catch {
    return { reading: 'refused', length: bytes.length };
  }
  const reading = parser.finish() ? { status, fields, body } : 'refused';
  return { reading, length: bytes.length };
}

function normalise(raw: readonly string[]): string {
  const fields: string[] = [];
  for (let i = 0; i < raw.length; i += 2) fields.push(`${raw[i]?.toLowerCase()}: ${raw[i + 1]}`);
  return fields.join('\n');
}

let server: Server;
let answer = '';
before(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer, 'latin1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => server.close());

/** Node's own client, which is llhttp. */
function readWithNode(text: string): Promise<Reading> {
  answer = text;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const asked = request({ port, host: '127.0.0.1', agent: false }, (response) => {
      let body = '';
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString('latin1');
      });
      response.on('error', () => resolve('refused'));
      response.on('close', () => {
        if (!response.complete) return resolve('refused');
        const { statusCode = 0, rawHeaders } = response;
        resolve({ status: statusCode, fields: normalise(rawHeaders), body });
      });
    });
    asked.on('error', () => resolve('refused'));
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve('refused');
    });
    asked.end();
  });
}

test(`${cases} answers, most of them odd: what is taken is what llhttp takes it for (seed ${seed})`, async (context) => {
  const random = createRandom(seed);
  let taken = 0;
  let stricter = 0;
  for (let i = 0; i < cases; i++) {
    const text = random.chance(0.7) ? mutate(makeAnswer(random), random) : makeAnswer(random);
    const { reading: ours, length } = readOurselves(text, random);
    // What stands behind the answer makes us drop the connection; llhttp then drops the answer too.
    const nodes = await readWithNode(text.slice(0, length));
    if (ours === 'refused') {
      if (nodes !== 'refused') stricter++;
      continue;
    }
    taken++;
    assert.deepEqual(ours, nodes, `seed ${seed}: ${JSON.stringify(text)}`);
  }
  context.diagnostic(`${taken} taken, ${stricter} refused that llhttp takes`);
  assert.ok(taken > cases / 5, `${taken} were taken`);
});
