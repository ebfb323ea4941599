import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { parseFields } from '../../../sidecars/log-tail/parse/config.ts';
import { createRecordReader } from '../../../sidecars/log-tail/parse/record-reader.ts';
import type { LogRecord } from '../../../sidecars/log-tail/record.ts';

const schema = z.strictObject(parseFields);

interface Chunk {
  readonly bytes: Buffer;
  readonly file?: string;
  readonly partial?: boolean;
}

/** Reads chunks of files as the follower would give them, and flushes. */
function read(config: Record<string, unknown>, chunks: readonly (Chunk | string)[]) {
  const records: LogRecord[] = [];
  let unparsed = 0;
  const reader = createRecordReader({
    config: schema.parse(config),
    unparsed: () => {
      unparsed += 1;
    },
  });
  const ends = new Map<string, number>();
  const safe: number[] = [];
  for (const chunk of chunks) {
    const {
      bytes,
      file: id = 'a',
      partial = false,
    } = typeof chunk === 'string' ? { bytes: Buffer.from(chunk) } : chunk;
    const offset = ends.get(id) ?? 0;
    const next = offset + bytes.length;
    ends.set(id, next);
    const file = { id, path: 'app.log', input: 'app' };
    reader.read({ file, bytes, offset, next, count: 0, partial, cut: 0 }, (record) => {
      records.push({ ...record });
    });
    safe.push(reader.safeOffset(file, next));
  }
  reader.flush((record) => void records.push({ ...record }));
  return { records, safe, unparsed, texts: records.map(({ text }) => text) };
}

const fieldsOf = (format: unknown, line: string) =>
  read({ format }, [`${line}\n`]).records[0]?.fields;

test('each format finds its fields', () => {
  assert.deepEqual(fieldsOf('json', ' {"a":1,"b":{"c":[2]}}'), { a: 1, b: { c: [2] } });
  assert.deepEqual(fieldsOf('logfmt', 'level=info msg="a \\"b\\"\\n" flag empty= n=3 url=/x?y=1'), {
    level: 'info',
    msg: 'a "b"\n',
    flag: true,
    empty: '',
    n: '3',
    url: '/x?y=1',
  });
  const access =
    '10.0.0.1 - bob [23/Nov/2026:01:02:03 +0100] "GET /a/b?x=1 HTTP/1.1" 404 12 "-" "curl \\"8\\""';
  assert.deepEqual(fieldsOf('access', access), {
    client: '10.0.0.1',
    user: 'bob',
    time: '23/Nov/2026:01:02:03 +0100',
    method: 'GET',
    target: '/a/b?x=1',
    path: '/a/b',
    protocol: 'HTTP/1.1',
    status: 404,
    bytes: 12,
    agent: 'curl \\"8\\"',
  });
  assert.deepEqual(fieldsOf({ regex: '^(?<level>\\w+): (?<rest>.*)$' }, 'WARN: low'), {
    level: 'WARN',
    rest: 'low',
  });
  assert.equal(fieldsOf('raw', '{"a":1}'), undefined);
});

test('auto tells JSON, logfmt, access logs and plain text from each other, line by line', () => {
  const lines = [
    '{"a":1}',
    'ts=1 level=info',
    '::1 - - [23/Nov/2026:01:02:03 +0000] "\\x16\\x03" 400 -',
    'a=b',
    'Hello, x = y',
    '{broken',
    '',
  ];
  const { records, unparsed } = read({}, [lines.map((line) => `${line}\n`).join('')]);
  assert.deepEqual(
    records.map(({ fields }) => fields && Object.keys(fields)),
    [['a'], ['ts', 'level'], ['client', 'time', 'request', 'status'], ...Array(4).fill(undefined)],
  );
  assert.equal(unparsed, 0);
});

test('what is not of its format goes on as text, and is counted', () => {
  const { texts, unparsed } = read({ format: 'json' }, ['{"a":1}\n[1]\n{"a":\nplain\n\n']);
  assert.deepEqual(texts, ['{"a":1}', '[1]', '{"a":', 'plain', '']);
  assert.equal(unparsed, 3);
});

test('the time comes from the record, in every usual spelling', () => {
  const expected = Date.UTC(2026, 10, 23, 1, 2, 3);
  const spellings = [
    '"2026-11-23T01:02:03Z"',
    '"2026-11-23T02:02:03+01:00"',
    '"2026-11-23 01:02:03"',
    '"2026-11-23T01:02:03,000+0000"',
    '"2026-11-23T01:02:03.000000000Z"',
    '"23/Nov/2026:00:02:03 -0100"',
    String(expected / 1000),
    String(expected),
    `${expected}000`,
    `${expected}000000`,
    `"${expected}"`,
  ];
  for (const spelling of spellings) {
    const { records } = read({ format: 'json' }, [`{"time":${spelling}}\n`]);
    assert.equal(records[0]?.time, expected, spelling);
  }
  const fraction = read({}, ['{"ts":"2026-11-23T01:02:03.123456Z"}\n']).records[0]?.time ?? 0;
  assert.ok(Math.abs(fraction - expected - 123.456) < 0.001);
  const own = read({ time: { field: 'when' } }, [`{"time":1,"when":${expected}}\n`]);
  assert.equal(own.records[0]?.time, expected);
  for (const line of [`{"time":"soon"}`, `{"time":12}`, 'plain']) {
    assert.ok(Date.now() - (read({}, [`${line}\n`]).records[0]?.time ?? 0) < 10_000, line);
  }
  const arrival = read({ time: 'arrival' }, [`{"time":${expected}}\n`]).records[0]?.time ?? 0;
  assert.ok(Date.now() - arrival < 10_000);
});

test('CRI and Docker lines are unwrapped, and what the runtime cut is put together', () => {
  const cri = read({ format: 'cri' }, [
    '2026-11-23T01:02:03.5Z stdout P {"level":"in\n',
    '2026-11-23T01:02:03.6Z stderr F other stream\n2026-11-23T01:02:03.7Z stdout F fo"}\n',
  ]);
  assert.deepEqual(cri.texts, ['other stream', '{"level":"info"}']);
  assert.deepEqual(cri.records[1]?.fields, { stream: 'stdout', level: 'info' });
  assert.equal(cri.records[1]?.time, Date.UTC(2026, 10, 23, 1, 2, 3, 500));
  assert.equal(cri.safe[0], 0);
  const unfinished = read({ format: 'cri' }, ['2026-11-23T01:02:03.5Z stdout P the rest is in\n']);
  assert.deepEqual(unfinished.texts, ['the rest is in']);
  const docker = read({ format: 'docker' }, [
    '{"log":"a ","stream":"stdout","time":"2026-11-23T01:02:03.5Z"}\n',
    '{"log":"b\\n","stream":"stdout","time":"2026-11-23T01:02:03.6Z"}\n',
  ]);
  assert.deepEqual(docker.texts, ['a b']);
  assert.equal(docker.records[0]?.offset, 0);
});

test('traces of the two streams of a container, line by line in turn, stay apart', () => {
  const { texts, safe } = read({ format: 'cri', multiline: 'java' }, [
    '2026-11-23T01:02:03Z stdout F java.lang.X: out\n',
    '2026-11-23T01:02:03Z stderr F java.lang.Y: err\n',
    '2026-11-23T01:02:03Z stdout F \tat a.b\n2026-11-23T01:02:03Z stderr F \tat c.d\n',
    '2026-11-23T01:02:03Z stderr F after\n',
  ]);
  assert.deepEqual(texts.toSorted(), [
    'after',
    'java.lang.X: out\n\tat a.b',
    'java.lang.Y: err\n\tat c.d',
  ]);
  assert.deepEqual(safe, [0, 0, 0, 0], 'the first one still waits');
});

test('a line without what the runtime writes around it is counted, and goes on as text', () => {
  for (const format of ['cri', 'docker']) {
    const { texts, unparsed } = read({ format }, ['bare\n\n']);
    assert.deepEqual(texts, ['bare', '']);
    assert.equal(unparsed, 1);
  }
});

test('every cut of bytes, CRLF, marks and invalid bytes (20) gives the same lines', () => {
  const line = 'é€😀 \u0000 lone\rcr';
  const whole = Buffer.concat([
    Buffer.from(`\uFEFF${line}\r\n`),
    Buffer.from([0x61, 0xff, 0xc3, 0x0a]),
    Buffer.from('last\n'),
  ]);
  const expected = [line, 'a\uFFFD\uFFFD', 'last'];
  // The follower gives whole lines: it may cut between any two of them.
  const cuts = [...whole.keys()].filter((at) => at === 0 || whole[at - 1] === 10);
  assert.equal(cuts.length, 3);
  for (const cut of cuts) {
    const chunks = [whole.subarray(0, cut), whole.subarray(cut)].filter(({ length }) => length > 0);
    const { texts, safe } = read(
      { format: 'raw' },
      chunks.map((bytes) => ({ bytes })),
    );
    assert.deepEqual(texts, expected, `cut at ${cut}`);
    assert.equal(safe.at(-1), whole.length);
  }
  assert.deepEqual(
    read({ format: 'raw', encoding: 'latin1' }, [{ bytes: Buffer.from([0xe9, 10]) }]).texts,
    ['é'],
  );
});

test('offsets are those of the file, also behind wide characters', () => {
  const { records } = read({ format: 'raw' }, ['ascii\nlines\n', 'é\n😀x\n']);
  assert.deepEqual(
    records.map(({ offset, next }) => [offset, next]),
    [
      [0, 6],
      [6, 12],
      [12, 15],
      [15, 21],
    ],
  );
});

test('UTF-16 in both orders, cut at any byte after a 0x0A, loses no character', () => {
  const lines = ['plain', 'ਊ Ċ \u0a0a tricky', '😀 é', 'end'];
  for (const encoding of ['utf-16le', 'utf-16be']) {
    const little = Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`, 'utf16le');
    const bytes = encoding === 'utf-16le' ? little : Buffer.from(little).swap16();
    const ends = [...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1);
    assert.ok(ends.length > 6);
    const parts = ends.map((end, at) => ({ bytes: bytes.subarray(ends[at - 1] ?? 0, end) }));
    const rest = bytes.subarray(ends.at(-1) ?? 0);
    const { texts, records } = read({ format: 'raw', encoding }, [
      ...parts,
      { bytes: rest, partial: true },
    ]);
    assert.deepEqual(texts, lines, encoding);
    assert.equal(records[0]?.next, 2 + 'plain\r\n'.length * 2);
  }
});

test('a line without its end is a line when the file says so', () => {
  const { texts } = read({ format: 'raw' }, [{ bytes: Buffer.from('a\nb'), partial: true }]);
  assert.deepEqual(texts, ['a', 'b']);
});
