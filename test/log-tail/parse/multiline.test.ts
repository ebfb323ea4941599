import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../../await-until.ts';
import { deliver } from '../delivery-harness.ts';
import { createReceiver } from '../ship/doubles/receiver.ts';

const java = `2026-11-23 01:02:03 ERROR cart failed
java.lang.Error: no cart
	at shop.Cart.get(Cart.java:12)
	at shop.Main.main(Main.java:3)
Caused by: java.io.IOException: disk
	at shop.Disk.read(Disk.java:7)
	... 2 more
`;
const traces: Readonly<Record<string, readonly string[]>> = {
  java: [java, '2026-11-23 01:02:04 INFO on it goes\n'],
  python: [
    `ERROR:root:it failed
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    f()
ValueError: bad

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
KeyError: 'x'
`,
    'INFO:root:on it goes\n',
  ],
  go: [
    `panic: runtime error: index out of range [5]

goroutine 1 [running]:
main.main()
	/app/main.go:9 +0x1d
exit status 2
`,
    '2026/11/23 on it goes\n',
  ],
  node: [
    `TypeError: x is not a function
    at Object.<anonymous> (/app/a.js:1:1)
    at node:internal/main:1:1 {
  code: 'X'
}
`,
    'on it goes\n',
  ],
  ruby: [
    `app.rb:3:in 'f': boom (RuntimeError)
	from app.rb:7:in '<main>'
`,
    'on it goes\n',
  ],
  dotnet: [
    `fail: Shop[0] it failed
System.InvalidOperationException: no cart
 ---> System.IO.IOException: disk
   at Shop.Disk.Read() in Disk.cs:line 7
   --- End of inner exception stack trace ---
   at Shop.Cart.Get() in Cart.cs:line 12
`,
    'info: on it goes\n',
  ],
};

async function start(t: Parameters<typeof deliver>[0], multiline: unknown) {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  const delivered = await deliver(t, {
    inputs: { app: { paths: ['/unused'], multiline } },
    outputs: { http: { url: receiver.url, as: 'json', batch: { wait: '5ms' } } },
  });
  const messages = () =>
    receiver.requests
      .flatMap(({ body }) => body.trimEnd().split('\n'))
      .map((line): string => JSON.parse(line).message);
  return { ...delivered, messages };
}

for (const [language, records] of Object.entries(traces)) {
  test(`a trace of ${language} is one record, wherever it is cut`, async (t) => {
    const { give, untilAcknowledged, messages } = await start(t, language);
    // A block for each line, and then all in one.
    for (const line of records.join('').match(/.*\n/g) ?? []) give(line);
    give(records.join(''));
    await untilAcknowledged();
    const expected = records.map((record) => record.replace(/\n$/, ''));
    assert.deepEqual(messages(), [...expected, ...expected]);
  });
}

test('a trace that goes over a rotation (30) is one record, and both files are acknowledged', async (t) => {
  const { give, acknowledged, given, untilAcknowledged, messages } = await start(t, {
    like: 'java',
    flush: '10m',
  });
  const lines = java.match(/.*\n/g) ?? [];
  give(lines.slice(0, 3).join(''), { file: 'old', path: 'app.log' });
  give(lines.slice(3).join(''), { file: 'new', path: 'app.log' });
  await pause(50);
  assert.deepEqual(messages(), []);
  assert.equal(acknowledged('old') + acknowledged('new'), 0);
  give('2026-11-23 01:02:04 INFO next\n2026-11-23 01:02:05 INFO waits\n', {
    file: 'new',
    path: 'app.log',
  });
  await untilAcknowledged('old');
  await awaitUntil(() => acknowledged('new') > 0, { what: 'an acknowledgement' });
  assert.deepEqual(messages(), [java.trimEnd(), '2026-11-23 01:02:04 INFO next']);
  assert.equal(acknowledged('new'), given('new') - '2026-11-23 01:02:05 INFO waits\n'.length);
});

test('a record is over when no further line came for as long as the config says', async (t) => {
  const { give, untilAcknowledged, messages } = await start(t, { like: 'java', flush: '50ms' });
  give(java);
  await untilAcknowledged();
  assert.deepEqual(messages(), [java.trimEnd()]);
});

test('a start pattern of the user begins records; a record beyond its bound is cut', async (t) => {
  const { give, untilAcknowledged, messages } = await start(t, {
    start: '^\\[',
    maxBytes: '20B',
    flush: '10ms',
  });
  give('[1] a\nb\nc\n[2] d\n[3] 1234567\n1234567890\n12345678901234567890\n');
  await untilAcknowledged();
  assert.deepEqual(messages(), [
    '[1] a\nb\nc',
    '[2] d',
    '[3] 1234567',
    '1234567890',
    '12345678901234567890',
  ]);
});

test('what waits when it ends is sent', async (t) => {
  const { give, delivery, messages } = await start(t, { like: 'java', flush: '10m' });
  give(java);
  assert.deepEqual(await delivery.drain(AbortSignal.timeout(5000)), []);
  assert.deepEqual(messages(), [java.trimEnd()]);
});

test('a reload in the middle of a record gives out what there is of it, and goes on', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  const section = (multiline: unknown) => ({
    inputs: { app: { paths: ['/unused'], multiline } },
    outputs: { http: { url: receiver.url, batch: { wait: '5ms' } } },
  });
  const { give, reload, untilAcknowledged } = await deliver(
    t,
    section({ like: 'java', flush: '10m' }),
  );
  give('ERROR one\n\tat a.B\n');
  await reload(section({ like: 'python', flush: '50ms' }));
  give('\tat a.C\nINFO two\n');
  await untilAcknowledged();
  const sent = receiver.requests.map(({ body }) => body).join('');
  assert.equal(sent, 'ERROR one\n\tat a.B\n\tat a.C\nINFO two\n');
});
