import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZodType } from 'zod';
import { admin, duration, listen, rate, size, url } from '../../../sidecars/core/config/fields.ts';

interface Field {
  readonly schema: ZodType;
  readonly good: readonly (readonly [unknown, unknown])[];
  readonly bad: readonly unknown[];
}

const fields: Readonly<Record<string, Field>> = {
  duration: {
    schema: duration(),
    good: [
      ['250ms', 250],
      ['5s', 5000],
      ['1.5s', 1500],
      ['1m', 60_000],
      ['8h', 28_800_000],
      ['2d', 172_800_000],
      ['0s', 0],
    ],
    bad: ['5', '5 s', 's', '-1s', '1e3s', '5S', 5, '', '1h30m'],
  },
  size: {
    schema: size(),
    good: [
      ['512B', 512],
      ['64KiB', 65_536],
      ['1MiB', 1_048_576],
      ['10MB', 10_000_000],
      ['1.5GiB', 1_610_612_736],
    ],
    bad: ['1 MiB', '1M', '1mib', 'MiB', '-1B', 1024],
  },
  rate: {
    schema: rate(),
    good: [
      ['20/s', 20],
      ['30/m', 0.5],
      ['36/h', 0.01],
    ],
    bad: ['20', '20/d', '/s', '20 / s', 20],
  },
  listen: {
    schema: listen(),
    good: [
      [':7103', { port: 7103 }],
      ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
      ['[::1]:7103', { host: '::1', port: 7103 }],
      ['localhost:80', { host: 'localhost', port: 80 }],
    ],
    bad: ['7103', ':65536', '::1:7103', '127.0.0.1', ':', 7103],
  },
  url: {
    schema: url('http', 'https'),
    good: [
      ['http://127.0.0.1:8080/stats?all=1', 'http://127.0.0.1:8080/stats?all=1'],
      ['https://[::1]/', 'https://[::1]/'],
    ],
    bad: ['127.0.0.1:8080', 'ftp://x/', '/stats', 'http://user:password@x/', 'http://user@x/'],
  },
  admin: {
    schema: admin(7103),
    good: [
      [undefined, { listen: { port: 7103 } }],
      [{}, { listen: { port: 7103 } }],
      [{ listen: '127.0.0.1:0' }, { listen: { host: '127.0.0.1', port: 0 } }],
      [false, false],
    ],
    bad: [true, { port: 1 }, ':7103'],
  },
};

for (const [name, { schema, good, bad }] of Object.entries(fields)) {
  test(`${name} takes what it documents`, () => {
    for (const [text, expected] of good) assert.deepEqual(schema.parse(text), expected);
  });

  test(`${name} refuses everything else`, () => {
    for (const text of bad) assert.equal(schema.safeParse(text).success, false, String(text));
  });
}
