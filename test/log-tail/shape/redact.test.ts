import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTailSchema } from '../../../sidecars/log-tail/config.ts';
import type { Draft } from '../../../sidecars/log-tail/draft.ts';
import { settleText } from '../../../sidecars/log-tail/draft.ts';
import { parseLogfmt } from '../../../sidecars/log-tail/parse/logfmt.ts';
import { redact } from '../../../sidecars/log-tail/shape/redact.ts';
import { awaitUntil } from '../../await-until.ts';
import { deliver } from '../delivery-harness.ts';
import { createReceiver } from '../ship/doubles/receiver.ts';

const all = ['email', 'card', 'bearer', 'jwt', 'ip'];

function mask(rules: readonly unknown[], text: string, fields?: Record<string, unknown>) {
  const config = logTailSchema.parse({
    inputs: { app: { paths: ['/x'] } },
    steps: [{ redact: rules }],
  });
  const [step] = config.steps;
  assert.ok(step !== undefined && 'redact' in step);
  let out: Draft | undefined;
  let redacted = 0;
  const run = redact(step.redact, {
    leftOut: () => {},
    redacted: () => {
      redacted += 1;
    },
  })((draft) => {
    settleText(draft);
    out = draft;
  });
  const file = { id: 'f', path: 'app.log', input: 'app' };
  const isJson = fields !== undefined && text.startsWith('{');
  run({ file, offset: 0, next: 1, text, fields, isJson, time: 0, edited: false });
  return { text: out?.text, fields: out?.fields, redacted };
}

const maskJson = (rules: readonly unknown[], value: Record<string, unknown>) =>
  mask(rules, JSON.stringify(value), value);

test('what must not be seen is masked in text', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['mail bob.smith+x@mail.example.co.uk now', 'mail [email] now'],
    ['<a@b.de>,c_d@e-f.org.', '<[email]>,[email].'],
    ['no@mail, x@y and @home', 'no@mail, x@y and @home'],
    ['card 4111111111111111 ok', 'card [card] ok'],
    ['4111 1111 1111 1111 12/27', '[card] 12/27'],
    ['5500-0000-0000-0004', '[card]'],
    ['378282246310005,6011111111111117', '[card],[card]'],
    ['order 4111111111111112', 'order 4111111111111112'],
    ['id 12345678901234567890123', 'id 12345678901234567890123'],
    ['0000000000000000', '0000000000000000'],
    ['Authorization: Bearer abc.DEF-123_~+/==', 'Authorization: Bearer [token]'],
    ['the bearer of news', 'the bearer of news'],
    ['token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x!', 'token=[jwt]!'],
    ['from 10.0.0.1:8080 to 255.255.255.255.', 'from [ip]:8080 to [ip].'],
    ['v1.2.3.4.5 and 999.1.1.1', 'v1.2.3.4.5 and 999.1.1.1'],
    ['[2001:db8::1]:443 fe80::1%eth0 ::1', '[[ip]]:443 [ip]%eth0 [ip]'],
    ['at 12:34:56 and a::b', 'at 12:34:56 and [ip]'],
  ];
  for (const [text, expected] of cases) {
    const result = mask(all, text);
    assert.equal(result.text, expected);
    assert.equal(result.redacted, text === expected ? 0 : 1);
  }
});

test('JSON is masked value by value: in escapes, numbers, keys and depths', () => {
  const { text } = maskJson(all, {
    n: 4111111111111111,
    deep: [{ mail: 'a"b@c.de' }, 'x\u0000y@z.org'],
    'me@home.example': 1,
    untouched: { a: [1, 'x', null, true] },
  });
  assert.deepEqual(JSON.parse(text ?? ''), {
    n: '[card]',
    deep: [{ mail: 'a"[email]' }, 'x\u0000[email]'],
    '[email]': 1,
    untouched: { a: [1, 'x', null, true] },
  });
  const escaped = '{"mail":"bob\\u0040example.com"}';
  const fields: Record<string, unknown> = JSON.parse(escaped);
  assert.equal(mask(all, escaped, fields).text, '{"mail":"[email]"}');
  // Read as a number it is 6304000000000001000, whose check digit is wrong.
  const long = '{"pan":6304000000000000513,"ns":1763862431123456789}';
  const { pan, ns }: Record<string, unknown> = JSON.parse(long);
  const masked = mask(all, long, { pan, ns }).text ?? '';
  assert.ok(masked.startsWith('{"pan":"[card]",'), masked);
  const clean = '{ "spaced" : 1.0 }';
  assert.equal(mask(all, clean, { spaced: 1 }).text, clean);
});

test('named fields are masked whole, at any depth, in logfmt in the text too', () => {
  const rules = [{ field: 'password' }, { field: 'user.name' }];
  const json = maskJson(rules, {
    password: { old: 'a', new: 'b' },
    user: { name: 'bob', password: 'x', age: 3 },
    name: 'stays',
    none: { password: null },
  });
  assert.deepEqual(JSON.parse(json.text ?? ''), {
    password: '[redacted]',
    user: { name: '[redacted]', password: '[redacted]', age: 3 },
    name: 'stays',
    none: { password: null },
  });
  const line = 'user=bob password="hunter 2" again="hunter 2"';
  const logfmt = mask(rules, line, parseLogfmt(line));
  assert.equal(logfmt.text, 'user=bob password="[redacted]" again="[redacted]"');
  assert.equal(logfmt.fields?.['password'], '[redacted]');
});

test('own patterns are masked with what the user says', () => {
  const rules = [{ pattern: 'sk_(live|test)_\\w+', as: '[$1]' }, { pattern: '\\bID\\d{4}\\b' }];
  assert.equal(mask(rules, 'key sk_live_abc ID1234').text, 'key [$1] [redacted]');
});

test('no text makes masking take longer than its length allows (31)', () => {
  const attacks = [
    'a@',
    '@',
    'a.',
    'a@a.',
    'a@a-',
    '1 ',
    '1',
    '4111 ',
    'eyJ',
    'eyJa.',
    '-eyJaaaa.',
    'bearer ',
    'bearer a',
    '1.',
    '1.1.1.',
    ':',
    '::',
    'a:',
    'f::',
    ' ',
  ];
  const rules = [...all, { pattern: '(a+)+$' }, { pattern: '^(\\w+\\s?)*$' }];
  for (const attack of attacks) {
    const text = `${attack.repeat(200_000 / attack.length)}!`;
    const start = performance.now();
    mask(rules, text);
    const took = performance.now() - start;
    assert.ok(took < 5000, `${JSON.stringify(attack)}: ${took} ms for 200 KB`);
  }
});

test('a token that came in two reads never leaves whole (31)', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  const { give, untilAcknowledged } = await deliver(t, {
    inputs: { app: { paths: ['/unused'], multiline: { start: '^\\d' } } },
    steps: [{ redact: ['bearer', 'card'] }],
    outputs: { http: { url: receiver.url, batch: { wait: '5ms' } } },
  });
  // Lines come whole from the follower; a record may still be cut between any two of them.
  give('1 Authorization:\n');
  give(' Bearer abcdef123456\n card 4111 1111\n');
  give(' 1111 1111 split over lines is no card\n2 card 4111111111111111\n3\n');
  await untilAcknowledged();
  await awaitUntil(() => receiver.requests.length > 0, { what: 'a request' });
  const sent = receiver.requests.map(({ body }) => body).join('');
  assert.ok(sent.includes('Bearer [token]') && sent.includes('2 card [card]'), sent);
  assert.ok(!sent.includes('abcdef123456') && !sent.includes('4111111111111111'), sent);
});
